package dev.tidegate.gateway.boot;

import dev.tidegate.store.file.Directories;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * The directory that holds everything a gateway keeps on this machine, locked for this process. The kernel lets go of
 * the lock when the process ends, however it ends; the lock file itself stays.
 */
final class DataDirectory implements AutoCloseable {

    private final Path path;
    private final FileChannel channel;

    private DataDirectory(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Creates the directory if it does not exist, and locks it.
     *
     * @throws BootException if it cannot be written, or another gateway holds it
     */
    static DataDirectory open(Path path) {
        Path lockFile = path.resolve("lock");
        try {
            if (!Files.isDirectory(path)) {
                Directories.create(path);
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            }
            FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                @Nullable FileLock lock = channel.tryLock();
                if (lock == null) {
                    throw inUse(path);
                }
            } catch (OverlappingFileLockException e) {
                channel.close();
                throw inUse(path);
            } catch (BootException | IOException e) {
                channel.close();
                throw e;
            }
            return new DataDirectory(path.toRealPath(), channel);
        } catch (IOException e) {
            throw new BootException(
                    "The data directory " + path + " cannot be used (" + e + "): choose another by --data-dir, or make"
                            + " this one writable.",
                    e);
        }
    }

    /** Where the embedded PostgreSQL keeps its files. */
    Path postgres() {
        return path.resolve("postgres");
    }

    /** Where packs go. */
    Path packs() {
        return path.resolve("packs");
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new BootException("The lock of the data directory " + path + " cannot be given back.", e);
        }
    }

    private static BootException inUse(Path path) {
        return new BootException("Another gateway uses the data directory " + path
                + ": stop it, or choose another directory by --data-dir.");
    }
}
