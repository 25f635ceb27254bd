package dev.tidegate.agent.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What an agent pushes from.
 *
 * @param directories of the artifacts that there are
 * @param logFiles files that are pushed as logs besides, by the names that they have there
 */
public record Sources(Map<ArtifactDirectory, Path> directories, Map<String, Path> logFiles) {

    private static final String FILE = "directories.json";

    /** Before the name of a log file in the record; no artifact's type has it. */
    private static final String LOG = ArtifactDirectory.LOGS.type() + "/";

    /** Copies both. Artifacts come in their usual order. */
    public Sources {
        Map<ArtifactDirectory, Path> ordered = new EnumMap<>(ArtifactDirectory.class);
        ordered.putAll(directories);
        directories = Collections.unmodifiableMap(ordered);
        logFiles = Map.copyOf(logFiles);
    }

    /** The directories of a work directory. */
    static Sources of(WorkDirectory work) {
        Map<ArtifactDirectory, Path> directories = new EnumMap<>(ArtifactDirectory.class);
        for (ArtifactDirectory each : ArtifactDirectory.values()) {
            directories.put(each, work.of(each));
        }
        return new Sources(directories, Map.of());
    }

    /**
     * What the last agent in a work directory pushed from.
     *
     * @throws AgentException if none has recorded it
     */
    static Sources read(WorkDirectory work) throws IOException {
        Sources last = last(work);
        if (last.directories.isEmpty()) {
            throw new AgentException("it is not known what is pushed from " + work.root()
                    + ": no job was started or taken up there, or else "
                    + work.state().resolve(FILE)
                    + " was lost, and `tidegate agent attach` pushes the directories that it is given");
        }
        return last;
    }

    /** As {@link #read}; nothing if none has recorded it, or it cannot be read. */
    static Sources lastIfKnown(WorkDirectory work) {
        try {
            return last(work);
        } catch (IOException unreadable) {
            return new Sources(Map.of(), Map.of());
        }
    }

    private static Sources last(WorkDirectory work) throws IOException {
        Path file = work.state().resolve(FILE);
        Map<ArtifactDirectory, Path> directories = new EnumMap<>(ArtifactDirectory.class);
        Map<String, Path> logFiles = new LinkedHashMap<>();
        StateFile.read(file).orElse(Map.of()).forEach((name, path) -> {
            if (name.startsWith(LOG)) {
                logFiles.put(name.substring(LOG.length()), Path.of(path));
            } else {
                ArtifactDirectory.of(name).ifPresent(each -> directories.put(each, Path.of(path)));
            }
        });
        return new Sources(directories, logFiles);
    }

    /** Whether an artifact is pushed from the same directory and files as by another agent. */
    boolean sameFor(ArtifactDirectory artifact, Sources other) {
        return Objects.equals(directories.get(artifact), other.directories.get(artifact))
                && (artifact != ArtifactDirectory.LOGS || logFiles.equals(other.logFiles));
    }

    /** The same with a directory of logs, if there are log files: an empty one in the work directory unless it has one. */
    Sources withPlaceForLogs(WorkDirectory work) throws IOException {
        if (logFiles.isEmpty() || directories.containsKey(ArtifactDirectory.LOGS)) {
            return this;
        }
        Map<ArtifactDirectory, Path> more = new EnumMap<>(ArtifactDirectory.class);
        more.putAll(directories);
        more.put(ArtifactDirectory.LOGS, Files.createDirectories(work.of(ArtifactDirectory.LOGS)));
        return new Sources(more, logFiles);
    }

    /** Records it for who drains the work directory later. */
    void write(WorkDirectory work) throws IOException {
        Map<String, String> paths = new LinkedHashMap<>();
        directories.forEach((artifact, path) -> paths.put(artifact.type(), path.toString()));
        logFiles.forEach((name, path) -> paths.put(LOG + name, path.toString()));
        StateFile.write(work.state().resolve(FILE), paths, true);
    }
}
