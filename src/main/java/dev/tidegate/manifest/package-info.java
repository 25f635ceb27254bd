/**
 * Which file stands at which path with which bytes: the tree that a snapshot's root digest names.
 *
 * <p>A manifest is a <em>prolly tree</em>: a sorted map from {@link dev.tidegate.manifest.TreePath} to
 * {@link dev.tidegate.manifest.Entry}, cut into nodes at places that depend on the keys alone. The content of a large
 * file is such a tree as well, cut by the digests of its chunks. The format is specified in
 * {@code docs/formats/manifest.md}. What always holds:
 *
 * <ul>
 *   <li>Same tree, same root digest, whatever the history: node boundaries are a function of the sorted keys, and a node
 *       has exactly one encoding. Anything else is refused when it is decoded.
 *   <li>A changed value moves no boundary: it rewrites the nodes from its leaf to the root and no other.
 *   <li>The cost of a difference follows the difference, never the size of the trees.
 *   <li>Memory is bounded by levels and read-ahead, never by the number of entries.
 * </ul>
 *
 * <p>Plain Java: reads and writes nodes through the ports {@link dev.tidegate.manifest.NodeSource} and
 * {@link dev.tidegate.manifest.NodeSink}, and knows nothing of where they are kept.
 */
@NullMarked
package dev.tidegate.manifest;

import org.jspecify.annotations.NullMarked;
