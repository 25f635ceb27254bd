/**
 * The training node's side: it scans a directory, reads what changed and pushes it.
 *
 * <p>What always holds: the directory is only read, never changed, and no link in it is followed; a file that was written
 * to while it was read is not published torn; memory does not grow with the number or the size of files.
 */
@NullMarked
package dev.tidegate.agent;

import org.jspecify.annotations.NullMarked;
