package dev.tidegate.store.file;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Changes of directories that survive a power cut. POSIX: an entry is durable once its directory has been flushed. */
public final class Directories {

    private Directories() {}

    /** Something done to files. */
    @FunctionalInterface
    interface Action {
        /** Does it. */
        void run() throws IOException;
    }

    /** Flushes the entries of a directory. */
    static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Creates a directory and those above it, durably; one that exists, perhaps by a symbolic link, is kept. */
    public static void create(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            create(parent);
            createIn(parent, directory);
        }
    }

    /** Creates {@code directory} in {@code parent} and flushes the parent, even if another process was faster. */
    static void createIn(Path parent, Path directory) throws IOException {
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException exists) {
            if (!Files.isDirectory(directory)) {
                throw exists;
            }
        }
        force(parent);
    }

    /**
     * Runs {@code action} to its end whatever interrupts the thread, whose status is set again afterwards. It is begun
     * again after an interrupt: only for what may be repeated, never for a flush that an acknowledgement depends on.
     */
    static void uninterrupted(Action action) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    action.run();
                    return;
                } catch (ClosedByInterruptException interrupt) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
