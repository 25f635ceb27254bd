package dev.tidegate.workstation.sync;

import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;

/**
 * What a directory is to hold at a path.
 *
 * @param path where
 * @param entry what
 * @param implied whether it is a directory that the snapshot has only through what it holds: its mode does not matter
 */
record Wanted(TreePath path, Entry entry, boolean implied) {}
