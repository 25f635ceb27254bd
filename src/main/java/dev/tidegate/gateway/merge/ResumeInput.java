package dev.tidegate.gateway.merge;

import dev.tidegate.catalog.SnapshotSelector;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.TreePath;
import java.util.Optional;

/**
 * What a caller wants a new experiment to start from.
 *
 * @param source an artifact's id, {@code EXPERIMENT/TYPE}, or an experiment's id or unambiguous name
 * @param selector which snapshot
 * @param under the directory of the new artifact under which its tree is put; empty for the root
 * @param filter which of its paths are taken
 */
public record ResumeInput(String source, SnapshotSelector selector, Optional<TreePath> under, PathFilter filter) {}
