package dev.tidegate.agent;

import dev.tidegate.client.Cut;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to push where.
 *
 * @param directory whose content becomes the artifact's; it may itself be reached through a link
 * @param artifact an artifact's id, or {@code EXPERIMENT/TYPE}
 * @param writer the rank of this node, less than {@link Cut#MAX_WRITERS}; 0 where there is one
 * @param labels names for the snapshot
 * @param cut the cut that this push belongs to; without one the snapshot is made at once
 * @param idempotencyKey 1 to 200 characters; empty: a random one, or that of a push of the same directory that died
 * @param rereadAll reads every file, even one that looks unchanged since the last push
 * @param memory how many bytes of chunks may be on their way at once
 * @param rules what of the directory is taken while it is being written to
 * @param writers who may write to the directory meanwhile
 * @param files further files that stand elsewhere, by the names that they have in the artifact
 */
public record PushRequest(
        Path directory,
        String artifact,
        int writer,
        List<String> labels,
        Optional<Cut> cut,
        Optional<String> idempotencyKey,
        boolean rereadAll,
        int memory,
        SelectionRules rules,
        Writers writers,
        Map<String, Path> files) {

    /** Who may write to a directory while it is pushed. */
    public enum Writers {
        /** The job: there are later pushes. */
        JOB,
        /** What the job has left behind: there is no later push, and a file may still change. */
        LEFT_BEHIND,
        /** Nobody: no file is waited for to be quiet. */
        NONE
    }

    /** Unless it is set otherwise: 48 MiB. */
    public static final int DEFAULT_MEMORY = 48 << 20;

    /** Less than this would leave no room for a few chunks of the largest size: 8 MiB. */
    public static final int LEAST_MEMORY = 8 << 20;

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException with a sentence for the user if one is broken
     */
    public PushRequest {
        labels = List.copyOf(labels);
        files = Map.copyOf(files);
        if (writer < 0 || writer >= Cut.MAX_WRITERS) {
            throw new IllegalArgumentException(
                    "a writer's rank ranges from 0 to " + (Cut.MAX_WRITERS - 1) + ", and is not " + writer);
        }
        if (memory < LEAST_MEMORY) {
            throw new IllegalArgumentException(
                    "a push needs at least " + LEAST_MEMORY + " bytes of memory, not " + memory);
        }
        idempotencyKey.ifPresent(key -> {
            if (key.isEmpty() || key.length() > 200) {
                throw new IllegalArgumentException("an idempotency key has 1 to 200 characters, not " + key.length());
            }
        });
    }

    /** Pushes all of a directory to an artifact as its only writer, without labels. */
    public static PushRequest of(Path directory, String artifact) {
        return new PushRequest(
                directory,
                artifact,
                0,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                false,
                DEFAULT_MEMORY,
                SelectionRules.EVERYTHING,
                Writers.JOB,
                Map.of());
    }

    /** Whether the job has ended, so that there is no later push. */
    public boolean jobEnded() {
        return writers != Writers.JOB;
    }

    /** The same with these labels. */
    public PushRequest withLabels(List<String> names) {
        return new PushRequest(
                directory, artifact, writer, names, cut, idempotencyKey, rereadAll, memory, rules, writers, files);
    }

    /** The same as a part of this cut. */
    public PushRequest withCut(Cut moment) {
        return new PushRequest(
                directory,
                artifact,
                writer,
                labels,
                Optional.of(moment),
                idempotencyKey,
                rereadAll,
                memory,
                rules,
                writers,
                files);
    }

    /** The same under this key. */
    public PushRequest withIdempotencyKey(String key) {
        return new PushRequest(
                directory, artifact, writer, labels, cut, Optional.of(key), rereadAll, memory, rules, writers, files);
    }

    /** The same with every file read, or not. */
    public PushRequest withRereadAll(boolean all) {
        return new PushRequest(
                directory, artifact, writer, labels, cut, idempotencyKey, all, memory, rules, writers, files);
    }

    /** The same by this writer. */
    public PushRequest withWriter(int rank) {
        return new PushRequest(
                directory, artifact, rank, labels, cut, idempotencyKey, rereadAll, memory, rules, writers, files);
    }

    /** The same with this bound in bytes. */
    public PushRequest withMemory(int bytes) {
        return new PushRequest(
                directory, artifact, writer, labels, cut, idempotencyKey, rereadAll, bytes, rules, writers, files);
    }

    /** The same under these rules. */
    public PushRequest withRules(SelectionRules selection) {
        return new PushRequest(
                directory, artifact, writer, labels, cut, idempotencyKey, rereadAll, memory, selection, writers, files);
    }

    /** The same after the end of the job, when nobody writes any more, or before. */
    public PushRequest withJobEnded(boolean ended) {
        return withWriters(ended ? Writers.NONE : Writers.JOB);
    }

    /** The same while these may write. */
    public PushRequest withWriters(Writers writing) {
        return new PushRequest(
                directory, artifact, writer, labels, cut, idempotencyKey, rereadAll, memory, rules, writing, files);
    }

    /** The same with these further files. */
    public PushRequest withFiles(Map<String, Path> further) {
        return new PushRequest(
                directory, artifact, writer, labels, cut, idempotencyKey, rereadAll, memory, rules, writers, further);
    }
}
