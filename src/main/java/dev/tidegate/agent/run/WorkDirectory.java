package dev.tidegate.agent.run;

import dev.tidegate.files.FileLocks;
import dev.tidegate.files.RankLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The directory of one agent: {@code checkpoints}, {@code logs}, {@code lossy} and {@code crud}, which belong to the job,
 * and {@code .tidegate}, where the agent keeps what it must remember. Locked for this process while it is open; the kernel
 * lets go of the lock when the process ends, however it ends.
 */
final class WorkDirectory implements AutoCloseable {

    private static final String STATE = ".tidegate";

    private final Path root;
    private final FileChannel lock;

    private WorkDirectory(Path root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    /**
     * Makes the directory and its state's if they are absent, and locks it.
     *
     * @throws AgentException if another agent has locked it
     */
    static WorkDirectory open(Path root) throws IOException {
        Path state = state(root);
        Files.createDirectories(root);
        if (!Files.isDirectory(state)) {
            Files.createDirectory(
                    state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path file = state.resolve("lock");
        FileChannel lock = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!FileLocks.tryLock(lock)) {
            lock.close();
            String pid = Files.readString(file).strip();
            throw new AgentException((pid.isEmpty() ? "another agent" : "the agent with process id " + pid)
                    + " works in " + root + " already: `tidegate agent status --work-dir " + root
                    + "` tells what it does");
        }
        sign(lock);
        return new WorkDirectory(root, lock);
    }

    /** Writes for people who has locked it; written over, not anew, so that it takes no space after the first time. */
    private static void sign(FileChannel lock) {
        ByteBuffer pid = ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII));
        try {
            lock.truncate(lock.write(pid, 0));
        } catch (IOException full) {
            // It is locked all the same.
        }
    }

    /** Where the state of the agent that works in {@code root} is. */
    static Path state(Path root) {
        return root.resolve(STATE);
    }

    Path root() {
        return root;
    }

    Path state() {
        return state(root);
    }

    /** An artifact's directory, which may be absent. */
    Path of(ArtifactDirectory artifact) {
        return root.resolve(artifact.type());
    }

    /** Where the job of a rank prints to. */
    Path log(int rank) {
        return of(ArtifactDirectory.LOGS).resolve(RankLog.name(rank));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
