/**
 * Files of snapshots, read by the gateway for callers that keep no chunks: a range of a file, a directory, a sub-tree.
 *
 * <p>What is read is verified before it is handed on. Memory is bounded by the batch that is being read, not by the file.
 * Links are followed only if asked for, by the gateway itself and never out of their artifact.
 */
@NullMarked
package dev.tidegate.gateway.files;

import org.jspecify.annotations.NullMarked;
