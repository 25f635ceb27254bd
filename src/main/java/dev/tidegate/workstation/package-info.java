/**
 * The workstation's side: it puts snapshots into directories.
 *
 * <p>What always holds: nothing appears outside the target directory, whatever a snapshot or the directory holds; at a
 * file's place stands either what was there before or the whole file, never a part of it.
 */
@NullMarked
package dev.tidegate.workstation;

import org.jspecify.annotations.NullMarked;
