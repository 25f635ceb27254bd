package dev.tidegate.gateway.merge;

import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.Experiment;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.TreePath;
import java.util.Optional;

/**
 * A snapshot that is merged.
 *
 * @param experiment whose
 * @param artifact of which artifact
 * @param snapshot which
 * @param under the directory of the new artifact under which its tree is put; empty for the root
 * @param filter which of its paths are taken
 */
public record ResolvedInput(
        Experiment experiment, Artifact artifact, Snapshot snapshot, Optional<TreePath> under, PathFilter filter) {}
