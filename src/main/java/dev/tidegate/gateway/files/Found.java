package dev.tidegate.gateway.files;

import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import org.jspecify.annotations.Nullable;

/**
 * What stands at a path.
 *
 * @param path where it was found, which is elsewhere if links were followed; null for the root
 * @param entry a file or a directory
 */
public record Found(@Nullable TreePath path, Entry entry) {}
