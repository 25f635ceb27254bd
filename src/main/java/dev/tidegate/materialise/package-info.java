/**
 * Puts snapshots into directories, and compares them. Shared by the training node, which starts from a snapshot, and the
 * workstation.
 *
 * <p>What always holds: nothing appears outside the target directory, whatever a snapshot or the directory holds; at a
 * file's place stands either what was there before or the whole file, never a part of it.
 */
@NullMarked
package dev.tidegate.materialise;

import org.jspecify.annotations.NullMarked;
