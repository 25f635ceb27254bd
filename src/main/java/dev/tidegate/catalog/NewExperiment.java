package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreeRoot;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;

/**
 * An experiment to be created.
 *
 * @param name 1 to 200 characters, no control characters and none of {@code / @ : =}, which stand around names where
 *     inputs and paths are named; not shaped like an id. Experiments of before may have such names
 * @param key makes creating it safe to repeat; at most 200 characters, empty for none
 * @param launchFile kept as it is, at most {@link #MAX_LAUNCH_FILE} bytes; empty for none
 * @param request the digest of all that it is created from, which is the same if the call is repeated; empty if that is
 *     the name alone
 */
public record NewExperiment(String name, String key, String launchFile, Optional<Digest> request) {

    /** The most bytes of a launch file. */
    public static final int MAX_LAUNCH_FILE = 64 << 10;

    private static final int MAX_NAME = 200;
    private static final Pattern FORBIDDEN_IN_NAME = Pattern.compile("[\\p{Cntrl}/@:=]");

    /**
     * Checks the bounds.
     *
     * @throws InvalidArgument if one is broken
     */
    public NewExperiment {
        if (name.isBlank()
                || name.length() > MAX_NAME
                || FORBIDDEN_IN_NAME.matcher(name).find()) {
            throw new InvalidArgument(
                    "name",
                    "an experiment's name has 1 to " + MAX_NAME
                            + " characters and no control character, '/', '@', ':' or '='");
        }
        if (ExperimentId.parse(name).isPresent() || ArtifactId.parse(name).isPresent()) {
            throw new InvalidArgument("name", "an experiment's name cannot look like an id");
        }
        if (key.length() > Experiments.MAX_KEY) {
            throw new InvalidArgument(
                    "idempotency_key", "an idempotency key has at most " + Experiments.MAX_KEY + " characters");
        }
        InvalidArgument.requireNoNul("idempotency_key", key);
        int bytes = launchFile.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_LAUNCH_FILE || launchFile.indexOf(0) >= 0) {
            throw new InvalidArgument(
                    "launch_file",
                    "a launch file is text of at most " + MAX_LAUNCH_FILE + " bytes, this one has " + bytes);
        }
    }

    /**
     * What artifacts start with.
     *
     * @param push an open push, to which the trees are leased
     * @param trees the first snapshots; of each type at most one
     * @param averageChunks the average chunk lengths of artifacts that are not to have the usual ones, in bytes
     * @param cost what the trees added to the store
     * @param resume under which id {@link Resumes} keeps the report
     * @param result what the report says of the experiment, once that has its ids
     */
    public record Start(
            PushId push,
            Map<ArtifactType, TreeRoot> trees,
            Map<ArtifactType, Integer> averageChunks,
            Map<ArtifactType, PushCost> cost,
            UUID resume,
            Function<Experiment, byte[]> result) {

        /** Copies the maps. */
        public Start {
            trees = Map.copyOf(trees);
            averageChunks = Map.copyOf(averageChunks);
            cost = Map.copyOf(cost);
        }

        ToIntFunction<ArtifactType> averageChunk(ToIntFunction<ArtifactType> usual) {
            return type -> averageChunks.getOrDefault(type, usual.applyAsInt(type));
        }
    }
}
