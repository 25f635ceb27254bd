package dev.tidegate.workstation.sync;

import dev.tidegate.client.ArtifactTypes;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.files.FileNames;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.v1.Artifact;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.Experiment;
import dev.tidegate.v1.Snapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** From what a user names to what is to be synced: one state of each artifact, all looked up before the first is brought. */
public final class SyncTargets {

    private static final String DEFAULT_ROOT = "artifacts";
    private static final int MAX_NAME_BYTES = 255;

    private final GatewayConnection connection;
    private final SnapshotName.Selection selection;

    private SyncTargets(GatewayConnection connection, SnapshotName.Selection selection) {
        this.connection = connection;
        this.selection = selection;
    }

    /**
     * Looks up.
     *
     * @param name an experiment's name or id, an artifact's id, or {@code EXPERIMENT/TYPE}
     * @param selection which snapshots
     * @param types of an experiment, which artifacts, as in {@code checkpoints}; empty for all
     * @param directory where; for an experiment it gets a directory for each artifact. Empty for {@code
     *     artifacts/EXPERIMENT}, for one artifact {@code artifacts/EXPERIMENT/TYPE}
     * @throws IllegalArgumentException with a sentence for the user if types are given for an artifact, or there is none of
     *     that name
     * @throws GatewayException if the gateway refuses or stays away, or an artifact that was named has no such snapshot
     */
    public static List<SyncTarget> find(
            GatewayConnection connection,
            String name,
            SnapshotName.Selection selection,
            Set<String> types,
            Optional<Path> directory) {
        SyncTargets targets = new SyncTargets(connection, selection);
        if (SnapshotName.namesArtifact(name)) {
            if (!types.isEmpty()) {
                throw new IllegalArgumentException("types are of an experiment, and " + name + " is an artifact");
            }
            return List.of(targets.artifact(name, directory));
        }
        return targets.experiment(name, types, directory);
    }

    private SyncTarget artifact(String name, Optional<Path> directory) {
        Artifact artifact = connection.experiments().artifact(name);
        Experiment experiment = connection.experiments().get(artifact.getExperimentId());
        Path place = directory.orElseGet(() -> place(experiment).resolve(ArtifactTypes.name(artifact.getType())));
        Optional<Snapshot> snapshot = snapshot(artifact, true);
        return new SyncTarget(shown(experiment, artifact), artifact.getId(), snapshot, place);
    }

    private List<SyncTarget> experiment(String name, Set<String> types, Optional<Path> directory) {
        Experiment experiment = connection.experiments().get(name);
        Path place = directory.orElseGet(() -> place(experiment));
        List<SyncTarget> targets = new ArrayList<>();
        for (Artifact artifact : experiment.getArtifactsList()) {
            String type = ArtifactTypes.name(artifact.getType());
            if (types.isEmpty() || types.contains(type)) {
                targets.add(new SyncTarget(
                        shown(experiment, artifact), artifact.getId(), snapshot(artifact, false), place.resolve(type)));
            }
        }
        return targets;
    }

    /** Of an artifact without any snapshot there is none. */
    private Optional<Snapshot> snapshot(Artifact artifact, boolean required) {
        try {
            return Optional.of(connection.snapshots().get(new SnapshotName(artifact.getId(), selection)));
        } catch (GatewayException refused) {
            boolean none = refused.reason() == ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND;
            if (none && (!required || artifact.getLatestSnapshot() == 0)) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    /** A name that is no name of a directory gives way to the id. */
    private static Path place(Experiment experiment) {
        String name = experiment.getName();
        boolean usable;
        try {
            usable = TreePath.parse(name).byteLength() <= MAX_NAME_BYTES;
        } catch (ManifestException.InvalidPath notThisName) {
            usable = false;
        }
        return Path.of(DEFAULT_ROOT).resolve(FileNames.path(usable ? name : experiment.getId()));
    }

    private static String shown(Experiment experiment, Artifact artifact) {
        return experiment.getName() + "/" + ArtifactTypes.name(artifact.getType());
    }
}
