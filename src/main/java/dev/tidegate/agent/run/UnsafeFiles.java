package dev.tidegate.agent.run;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files that an agent could not make safe before it ended: all of them in a file, and the first for people. */
final class UnsafeFiles implements AutoCloseable {

    private static final int TOLD = 20;

    private final Path root;
    private final Path file;
    private @Nullable BufferedWriter list;
    private String unlisted = "";
    private final List<String> told = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
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

    /** Adds the files of an artifact whose last cycle did not end well. */
    void add(ArtifactSync sync, SyncOutcome outcome) {
        reasons.add(sync.artifact().type() + ": "
                + switch (outcome) {
                    case SyncOutcome.Failed(String sentence) -> sentence;
                    case SyncOutcome.Pushed _, SyncOutcome.Unchanged _ -> "something was left out";
                });
        try {
            sync.unsafe(path -> add(sync.artifact().type() + "/" + path));
        } catch (IOException unreadable) {
            reasons.add(sync.artifact().type() + " cannot be listed: " + unreadable.getMessage());
        }
    }

    boolean none() {
        return reasons.isEmpty();
    }

    /** Says what is not safe, and what to do about it; removes the list if it is empty. */
    void tell(AgentListener listener) throws IOException {
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
        listener.message(count + " files are not safe, and "
                + (unlisted.isEmpty() ? "are listed in " + file : "cannot all be listed in " + file + ": " + unlisted)
                + ". Keep them, and run when the gateway can be reached: tidegate agent drain --work-dir " + root);
    }

    @Override
    public void close() {
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

    private void add(String path) {
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
