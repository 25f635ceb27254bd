package dev.tidegate.gateway.observe;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A failure that every call meets while it lasts: told with its cause at first and then once in a while, with how many were
 * not. All threads may share it.
 */
public final class Repeated {

    private static final long PAUSE = Duration.ofSeconds(30).toNanos();

    private final AtomicLong next = new AtomicLong(System.nanoTime());
    private final AtomicLong untold = new AtomicLong();

    /** Logs a failure as an error, or counts it. */
    public void tell(Logger log, String message, @Nullable Throwable cause) {
        tell(log, Logger.Level.ERROR, message, cause);
    }

    /** Logs a failure at a level, or counts it. */
    public void tell(Logger log, Logger.Level level, String message, @Nullable Throwable cause) {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due < 0 || !next.compareAndSet(due, now + PAUSE)) {
            untold.incrementAndGet();
            log.debug(message, cause);
            return;
        }
        long others = untold.getAndSet(0);
        log.log(level, others == 0 ? message : message + " (and " + others + " times more since it was told)", cause);
    }
}
