package dev.tidegate.store.file;

import dev.tidegate.store.StoreException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps a reserve of a file system free, and tells a full disk from a broken one. Thread-safe.
 *
 * <p>Asking the file system costs a system call. So writers draw on an allowance of at most {@value #ALLOWANCE} bytes,
 * and the file system is asked when it is used up: every time, once the disk is nearly full.
 */
final class SpaceReserve {

    /** The most bytes that are written without asking again how much space is left. */
    static final long ALLOWANCE = 16L << 20;

    private final FileStore fileStore;
    private final long reserve;
    private final AtomicLong allowance = new AtomicLong();

    SpaceReserve(Path directory, long reserve) throws IOException {
        this.fileStore = Files.getFileStore(directory);
        this.reserve = reserve;
    }

    /** The bytes that are left beside the reserve; at least 0. */
    long usableSpace() {
        return Math.max(0, space() - reserve);
    }

    /**
     * Claims space before {@code bytes} are written.
     *
     * @throws StoreException.Full if that would touch the reserve
     */
    void claim(long bytes) {
        if (allowance.addAndGet(-bytes) < 0) {
            check(bytes);
        }
    }

    /**
     * Asks the file system, now, whether {@code bytes} can be written.
     *
     * @throws StoreException.Full if that would touch the reserve
     */
    void check(long bytes) {
        long left = space() - reserve - bytes;
        // Under the reserve the allowance is negative, so that the next claim asks again and sees freed space at once.
        allowance.set(Math.min(left, ALLOWANCE));
        if (left < 0) {
            throw new StoreException.Full(
                    "cannot write " + bytes + " bytes: " + (left + reserve + bytes) + " are left, " + reserve
                            + " of them in reserve",
                    null);
        }
    }

    /**
     * Turns a failed write into what it means. The JDK keeps no error number: all it has is the text of the C library,
     * in the language of the environment. So the disk counts as full if it has less space than was to be written, or
     * less than the reserve, which holds in any language; the English text is what remains for a quota, and for space
     * that was freed a moment after the failure.
     *
     * @param action what failed
     * @param bytes how many bytes it was about
     */
    StoreException failure(String action, long bytes, IOException cause) {
        if (saysFull(cause) || hasLessThan(Math.max(bytes, 1) + reserve)) {
            return new StoreException.Full(action + ": no space left", cause);
        }
        return new StoreException.Unavailable(action + " failed", cause);
    }

    private boolean hasLessThan(long bytes) {
        try {
            return fileStore.getUsableSpace() < bytes;
        } catch (IOException unknown) {
            return false;
        }
    }

    private static boolean saysFull(IOException cause) {
        String message = cause instanceof FileSystemException file ? file.getReason() : cause.getMessage();
        return message != null
                && (message.contains("No space left on device") || message.contains("Disk quota exceeded"));
    }

    private long space() {
        try {
            return fileStore.getUsableSpace();
        } catch (IOException failure) {
            throw new StoreException.Unavailable("reading the free space failed", failure);
        }
    }
}
