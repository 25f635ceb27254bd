package dev.tidegate.agent.run;

import dev.tidegate.agent.PushResult;
import dev.tidegate.files.FileFailure;
import dev.tidegate.manifest.TreePath;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files that an agent could not make safe before it ended: all of them in a file, and the first for people. Thread-safe:
 * what lists the files of an artifact may be given up, and then goes on in vain.
 */
final class UnsafeFiles implements AutoCloseable {

    private static final int TOLD = 20;

    private final Path root;
    private final Path file;
    private @Nullable BufferedWriter list;
    private String unlisted = "";
    private final List<String> told = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private final Set<ArtifactDirectory> unlistable = EnumSet.noneOf(ArtifactDirectory.class);
    private final Set<ArtifactDirectory> absent = EnumSet.noneOf(ArtifactDirectory.class);
    private long count;

    /** Whether nothing else than the gateway keeps anything from being safe. */
    private boolean gatewayAlone = true;

    private UnsafeFiles(Path root, Path file) {
        this.root = root;
        this.file = file;
        try {
            this.list = Files.newBufferedWriter(file);
        } catch (IOException unwritable) {
            giveUp(unwritable);
        }
    }

    /** Begins an empty list. */
    static UnsafeFiles in(WorkDirectory work) {
        return new UnsafeFiles(work.root(), work.state().resolve("unsafe.txt"));
    }

    /** Adds an artifact whose last cycle did not end well. */
    synchronized void add(ArtifactDirectory artifact, SyncOutcome outcome) {
        reasons.add(artifact.type() + ": "
                + switch (outcome) {
                    case SyncOutcome.Failed(String sentence, var _) -> sentence;
                    case SyncOutcome.Pushed(PushResult result) ->
                        result.warnings().getFirst().toString();
                    case SyncOutcome.Unchanged() -> "nothing has changed";
                });
        SyncOutcome.Cause cause =
                outcome instanceof SyncOutcome.Failed failed ? failed.cause() : SyncOutcome.Cause.OTHER;
        gatewayAlone &= cause == SyncOutcome.Cause.GATEWAY_AWAY;
        if (cause == SyncOutcome.Cause.DIRECTORY_ABSENT) {
            absent.add(artifact);
        }
    }

    /** Adds the files of an artifact; none of a directory that is not there. */
    void list(ArtifactSync sync) {
        synchronized (this) {
            if (absent.contains(sync.artifact())) {
                return;
            }
        }
        try {
            sync.unsafe(path -> add(sync.artifact(), path));
        } catch (IOException unreadable) {
            cannotList(sync.artifact(), FileFailure.sentence(unreadable));
        } catch (InterruptedException impossible) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes no more files of an artifact, of which there may be more. */
    void giveUp(ArtifactDirectory artifact) {
        cannotList(artifact, ArtifactSync.STILL_READ);
    }

    private synchronized void cannotList(ArtifactDirectory artifact, String why) {
        if (unlistable.add(artifact)) {
            reasons.add(artifact.type() + " cannot be listed: " + why);
        }
    }

    synchronized boolean none() {
        return reasons.isEmpty();
    }

    /** Says what is not safe, and what to do about it; removes the list if it is empty. */
    synchronized void tell(AgentListener listener) throws IOException {
        close();
        if (none()) {
            Files.deleteIfExists(file);
            return;
        }
        reasons.forEach(reason -> listener.message("not safe: " + reason));
        told.forEach(path -> listener.message("not safe: " + path));
        if (count > told.size()) {
            listener.message("not safe: " + (count - told.size()) + " more files");
        }
        listener.message(summary()
                + (gatewayAlone ? ", and run when the gateway can be reached" : ", see to the reasons above, and run")
                + ": tidegate agent drain --work-dir " + root);
    }

    private String summary() {
        if (count == 0 && unlistable.isEmpty()) {
            return "not all is safe: keep what there is";
        }
        return count + " files" + (unlistable.isEmpty() ? "" : " at the least") + " are not safe, and "
                + (unlisted.isEmpty() ? "are listed in " + file : "cannot all be listed in " + file + ": " + unlisted)
                + ". Keep them";
    }

    @Override
    public synchronized void close() {
        BufferedWriter writer = list;
        list = null;
        if (writer != null) {
            try {
                writer.close();
            } catch (IOException full) {
                giveUp(full);
            }
        }
    }

    private synchronized void add(ArtifactDirectory artifact, TreePath file) {
        if (unlistable.contains(artifact)) {
            return;
        }
        String path = artifact.type() + "/" + file;
        count++;
        if (told.size() < TOLD) {
            told.add(path);
        }
        BufferedWriter writer = list;
        if (writer != null) {
            try {
                writer.write(path);
                writer.newLine();
            } catch (IOException full) {
                giveUp(full);
                close();
            }
        }
    }

    /** The disk may be full of what is not safe: that is told all the same. */
    private void giveUp(IOException failed) {
        if (unlisted.isEmpty()) {
            unlisted = FileFailure.sentence(failed);
        }
    }
}
