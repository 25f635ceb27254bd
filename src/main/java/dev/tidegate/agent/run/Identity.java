package dev.tidegate.agent.run;

import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.v1.Artifact;
import dev.tidegate.v1.Experiment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a work directory belongs to, from its first agent on.
 *
 * @param name of the experiment
 * @param experiment its id
 * @param rank of the node
 * @param gateway where the experiment is
 * @param artifacts the ids of its artifacts
 */
record Identity(
        String name, String experiment, int rank, GatewayAddress gateway, Map<ArtifactDirectory, String> artifacts) {

    private static final String FILE = "experiment.json";

    Identity {
        artifacts = Map.copyOf(artifacts);
    }

    /** Reads the identity of the work directory with this state; empty while it has none. */
    static Optional<Identity> read(Path state) throws IOException {
        Optional<Map<String, String>> read = StateFile.read(state.resolve(FILE));
        if (read.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> values = read.get();
        Map<ArtifactDirectory, String> artifacts = new EnumMap<>(ArtifactDirectory.class);
        for (ArtifactDirectory each : ArtifactDirectory.values()) {
            artifacts.put(each, values.getOrDefault(each.type(), ""));
        }
        return Optional.of(new Identity(
                values.getOrDefault("name", ""),
                values.getOrDefault("experiment", ""),
                Integer.parseInt(values.getOrDefault("rank", "0")),
                GatewayAddress.parse(values.getOrDefault("gateway", "localhost")),
                artifacts));
    }

    /**
     * Returns the identity of a work directory for these settings. The gateway is asked only if it does not know yet.
     *
     * @throws AgentException if the directory belongs to another experiment or rank
     */
    static Identity bind(WorkDirectory work, AgentSettings settings, GatewayConnection connection) throws IOException {
        Optional<Identity> known = read(work.state());
        if (known.isPresent() && known.get().isOf(settings.experiment())) {
            return known.get().requireRank(settings.rank(), work).at(connection.address(), work);
        }
        Experiment experiment = connection.experiments().get(settings.experiment());
        if (known.isPresent() && !known.get().experiment.equals(experiment.getId())) {
            throw new AgentException(work.root() + " belongs to the experiment " + known.get().name + " ("
                    + known.get().experiment + "), not to " + settings.experiment()
                    + ": choose another --work-dir");
        }
        Map<ArtifactDirectory, String> artifacts = new EnumMap<>(ArtifactDirectory.class);
        for (Artifact artifact : experiment.getArtifactsList()) {
            artifacts.put(
                    switch (artifact.getType()) {
                        case ARTIFACT_TYPE_CHECKPOINTS -> ArtifactDirectory.CHECKPOINTS;
                        case ARTIFACT_TYPE_LOGS -> ArtifactDirectory.LOGS;
                        case ARTIFACT_TYPE_LOSSY -> ArtifactDirectory.LOSSY;
                        case ARTIFACT_TYPE_CRUD -> ArtifactDirectory.CRUD;
                        case ARTIFACT_TYPE_UNSPECIFIED, UNRECOGNIZED ->
                            throw new AgentException("the gateway at " + connection.address() + " is newer than this"
                                    + " agent: it knows another type of artifact");
                    },
                    artifact.getId());
        }
        Identity identity = new Identity(
                experiment.getName(), experiment.getId(), settings.rank(), connection.address(), artifacts);
        if (known.isPresent()) {
            known.get().requireRank(settings.rank(), work);
        }
        identity.write(work);
        return identity;
    }

    /** The id of an artifact. */
    String artifact(ArtifactDirectory artifact) {
        return artifacts.getOrDefault(artifact, "");
    }

    private boolean isOf(String wanted) {
        return wanted.equals(name) || wanted.equals(experiment);
    }

    private Identity requireRank(int wanted, WorkDirectory work) throws AgentException {
        if (rank != wanted) {
            throw new AgentException(work.root() + " belongs to rank " + rank + ", not to rank " + wanted
                    + ": choose another --work-dir");
        }
        return this;
    }

    private Identity at(GatewayAddress address, WorkDirectory work) {
        if (address.equals(gateway)) {
            return this;
        }
        Identity moved = new Identity(name, experiment, rank, address, artifacts);
        try {
            moved.write(work);
        } catch (IOException full) {
            // Only a later drain asks for it, and can be told another.
        }
        return moved;
    }

    private void write(WorkDirectory work) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("name", name);
        values.put("experiment", experiment);
        values.put("rank", Integer.toString(rank));
        values.put("gateway", gateway.toString());
        artifacts.forEach((artifact, id) -> values.put(artifact.type(), id));
        StateFile.write(work.state().resolve(FILE), values, true);
    }
}
