package dev.tidegate.materialise;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Does something about five times a second until it is closed, so that somebody sees how far it is. */
public final class Ticker implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofMillis(200);

    private final CountDownLatch closed = new CountDownLatch(1);

    /** Starts. */
    public Ticker(Runnable action) {
        Thread.ofVirtual().name("tidegate-progress").start(() -> tick(action));
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void tick(Runnable action) {
        try {
            while (!closed.await(INTERVAL.toNanos(), TimeUnit.NANOSECONDS)) {
                action.run();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
