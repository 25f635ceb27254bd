package dev.tidegate.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * While it is open, a SIGINT or SIGTERM interrupts the thread that opened it and gives it some time to leave things in
 * order. The process ends with the code of the signal. Of several that are open the one that was opened last acts.
 */
final class Interruption implements AutoCloseable {

    private static final Duration USUAL_LIMIT = Duration.ofSeconds(10);

    private static volatile boolean happened;

    /** The one that was opened last. */
    private static volatile @Nullable Interruption innermost;

    private final @Nullable Interruption outer = innermost;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread worker = Thread.currentThread();
    private final PrintWriter err;
    private final boolean json;
    private final String advice;
    private final Duration limit;
    private final Thread hook =
            Thread.ofPlatform().name("tidegate-interruption").unstarted(this::interrupt);

    private Interruption(PrintWriter err, boolean json, String advice, Duration limit) {
        this.err = err;
        this.json = json;
        this.advice = advice;
        this.limit = limit;
    }

    /**
     * Takes care of signals from here on. Says {@code advice} on {@code err} when one came and things are in order, as an
     * object if {@code json}.
     */
    static Interruption handled(PrintWriter err, boolean json, String advice) {
        return open(new Interruption(err, json, advice, USUAL_LIMIT));
    }

    /** The same, where it may take longer. */
    static Interruption handled(PrintWriter err, boolean json, String advice, Duration limit) {
        return open(new Interruption(err, json, advice, limit));
    }

    /** Where nothing has to be left in order: an object on {@code err} says that a signal came, and nothing is waited for. */
    static Interruption toldAsJson(PrintWriter err) {
        return open(new Interruption(err, true, "", Duration.ZERO));
    }

    private static Interruption open(Interruption interruption) {
        innermost = interruption;
        try {
            Runtime.getRuntime().addShutdownHook(interruption.hook);
        } catch (IllegalStateException aSignalCame) {
            happened = true;
        }
        return interruption;
    }

    /** Whether a signal came, so that what fails now fails because of it. */
    static boolean happened() {
        return happened;
    }

    @Override
    public void close() {
        ended.countDown();
        if (!happened) {
            innermost = outer;
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException aSignalCame) {
                // The hook runs, finds that the work has ended and lets the process end.
                happened = true;
            }
        }
    }

    private void interrupt() {
        happened = true;
        if (innermost != this) {
            return;
        }
        boolean inOrder = limit.isZero();
        if (!inOrder) {
            worker.interrupt();
            try {
                inOrder = ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException impossible) {
                Thread.currentThread().interrupt();
            }
        }
        Failure told = told(advice, inOrder);
        err.println(json ? told.json() : told.text());
        err.flush();
    }

    static Failure told(String advice, boolean inOrder) {
        String more = advice.isEmpty() ? "" : ": " + advice;
        return new Failure("INTERRUPTED", "interrupted" + (inOrder ? more : "; it did not end in time"), Map.of());
    }
}
