/**
 * Packs as files in a directory, which several gateways may share.
 *
 * <p>A pack appears under its name with its header on the disk, is only ever appended to by the writer that created it,
 * and is never written again once that writer is gone. What a commit has returned for is on the disk, and so is the
 * directory entry that leads to it.
 */
@NullMarked
package dev.tidegate.store.file;

import org.jspecify.annotations.NullMarked;
