package dev.tidegate.agent.run;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files that an agent could not make safe before it ended: all of them in a file, and the first for people. */
final class UnsafeFiles implements AutoCloseable {

    private static final int TOLD = 20;

    private final Path root;
    private final Path file;
    private final BufferedWriter list;
    private final List<String> told = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private long count;

    private UnsafeFiles(Path root, Path file) throws IOException {
        this.root = root;
        this.file = file;
        this.list = Files.newBufferedWriter(file);
    }

    /** Begins an empty list. */
    static UnsafeFiles in(WorkDirectory work) throws IOException {
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
        } catch (IOException | UncheckedIOException unreadable) {
            reasons.add(sync.artifact().type() + " cannot be listed: " + unreadable.getMessage());
        }
    }

    boolean none() {
        return reasons.isEmpty();
    }

    /** Says what is not safe, and what to do about it; removes the list if it is empty. */
    void tell(AgentListener listener) throws IOException {
        list.flush();
        if (none()) {
            Files.deleteIfExists(file);
            return;
        }
        reasons.forEach(reason -> listener.message("not safe: " + reason));
        told.forEach(path -> listener.message("not safe: " + path));
        if (count > told.size()) {
            listener.message("not safe: " + (count - told.size()) + " more files");
        }
        listener.message(count + " files are not safe, and are listed in " + file
                + ". Keep them, and run when the gateway can be reached: tidegate agent drain --work-dir " + root);
    }

    @Override
    public void close() throws IOException {
        list.close();
    }

    private void add(String path) {
        count++;
        if (told.size() < TOLD) {
            told.add(path);
        }
        try {
            list.write(path);
            list.newLine();
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
    }
}
