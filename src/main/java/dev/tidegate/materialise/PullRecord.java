package dev.tidegate.materialise;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileLocks;
import dev.tidegate.files.FileStamp;
import dev.tidegate.home.UserDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * What this machine remembers of the pulls into one directory: that there was one, and of which artifact. Kept outside of
 * the directory, which holds what the snapshot holds and nothing else. While it is open no other pull may write there.
 */
final class PullRecord implements AutoCloseable {

    private final Path file;
    private final List<String> lines;
    private final FileChannel lockFile;

    private PullRecord(Path file, List<String> lines, FileChannel lockFile) {
        this.file = file;
        this.lines = lines;
        this.lockFile = lockFile;
    }

    /**
     * Opens the record of a directory.
     *
     * @param states where the records of all directories are; see {@link #defaultStates}
     * @param directory without links
     * @throws PullRefusedException if another pull is writing into the directory
     */
    static PullRecord open(Path states, Path directory, String artifactId) throws IOException {
        Files.createDirectories(states);
        byte[] name = directory.toUri().toString().getBytes(StandardCharsets.UTF_8);
        String hash = Digest.of(ByteBuffer.wrap(name)).toString().substring(0, 32);
        FileChannel lockFile =
                FileChannel.open(states.resolve(hash + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!FileLocks.tryLock(lockFile)) {
            lockFile.close();
            throw new PullRefusedException(directory, "another pull is writing into " + directory);
        }
        // The inode tells a directory from another that took its name.
        List<String> lines =
                List.of(artifactId, Long.toString(FileStamp.read(directory).inode()));
        return new PullRecord(states.resolve(hash + ".pull"), lines, lockFile);
    }

    /** {@code tidegate/pull} below {@code $XDG_STATE_HOME}, which is {@code ~/.local/state} unless it is set. */
    static Path defaultStates() {
        return UserDirectory.STATE.path().resolve("pull");
    }

    /** Whether an earlier pull of this artifact wrote into the directory. */
    boolean exists() throws IOException {
        try {
            return Files.readAllLines(file).equals(lines);
        } catch (NoSuchFileException none) {
            return false;
        }
    }

    /** Remembers that a pull begins: should it die, the next one may go on. */
    void write() throws IOException {
        // Nobody else writes it while the lock is held.
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.write(temporary, lines);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
