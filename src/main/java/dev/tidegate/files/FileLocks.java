package dev.tidegate.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;

/** Locks of files, which end with the process that holds them. */
public final class FileLocks {

    private FileLocks() {}

    /** Locks a file until it is closed; returns whether that was possible, nobody holding it, in this process or another. */
    public static boolean tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock() != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }
}
