package dev.tidegate.agent.run;

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
    private long count;

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
                    case SyncOutcome.Failed(String sentence) -> sentence;
                    case SyncOutcome.Pushed _, SyncOutcome.Unchanged _ -> "something was left out";
                });
    }

    /** Adds the files of an artifact. */
    void list(ArtifactSync sync) {
        try {
            sync.unsafe(path -> add(sync.artifact(), path));
        } catch (IOException unreadable) {
            cannotList(sync.artifact(), "" + unreadable.getMessage());
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
        listener.message(count + " files" + (unlistable.isEmpty() ? "" : " at the least") + " are not safe, and "
                + (unlisted.isEmpty() ? "are listed in " + file : "cannot all be listed in " + file + ": " + unlisted)
                + ". Keep them, and run when the gateway can be reached: tidegate agent drain --work-dir " + root);
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
            unlisted = "" + failed.getMessage();
        }
    }
}
