package dev.tidegate.manifest;

/**
 * An entry with its place.
 *
 * @param path where it stands
 * @param entry what stands there
 */
public record PathEntry(TreePath path, Entry entry) {}
