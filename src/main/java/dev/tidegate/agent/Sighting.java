package dev.tidegate.agent;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.files.FileStamp;
import dev.tidegate.manifest.Timestamp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * A file as it was at a moment. Where the clock of a file system ticks slowly, a file that is written to twice within a tick
 * keeps its stamp: what is read in the tick of the last write may be torn, and the stamps before and after are the same.
 *
 * @param stamp what it was
 * @param time by {@link System#nanoTime}, not before the look
 */
record Sighting(FileStamp stamp, long time) {

    /** A file that has just been looked at. */
    static Sighting of(FileStamp stamp) {
        return new Sighting(stamp, System.nanoTime());
    }

    /** Looks at a file. */
    static Sighting of(Path file) throws IOException {
        return of(FileStamp.read(file));
    }

    /** How long it takes from now on until each write gives the file another stamp, in nanoseconds; not above 0 if it does. */
    long nanosToWait() {
        long left = time + stamp.tickNanos() - System.nanoTime();
        return left > 0 && stamp.settledAt(Timestamp.of(Instant.now())) ? 0 : left;
    }

    /**
     * Waits until each write gives the file another stamp.
     *
     * @throws CallInterruptedException if the thread was interrupted
     */
    void await() {
        try {
            TimeUnit.NANOSECONDS.sleep(nanosToWait());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("the push was interrupted");
        }
    }
}
