package dev.tidegate.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * While it is open, a SIGINT or SIGTERM interrupts the thread that opened it and gives it some time to leave things in
 * order. The process ends with the code of the signal.
 */
final class Interruption implements AutoCloseable {

    private static final Duration USUAL_LIMIT = Duration.ofSeconds(10);

    private static volatile boolean happened;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread worker = Thread.currentThread();
    private final PrintWriter err;
    private final String advice;
    private final Duration limit;
    private final Thread hook =
            Thread.ofPlatform().name("tidegate-interruption").unstarted(this::interrupt);

    private Interruption(PrintWriter err, String advice, Duration limit) {
        this.err = err;
        this.advice = advice;
        this.limit = limit;
    }

    /** Takes care of signals from here on. Says {@code advice} on {@code err} when one came and things are in order. */
    static Interruption handled(PrintWriter err, String advice) {
        return handled(err, advice, USUAL_LIMIT);
    }

    /** The same, where it may take longer. */
    static Interruption handled(PrintWriter err, String advice, Duration limit) {
        Interruption interruption = new Interruption(err, advice, limit);
        Runtime.getRuntime().addShutdownHook(interruption.hook);
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
        worker.interrupt();
        boolean inOrder = false;
        try {
            inOrder = ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException impossible) {
            Thread.currentThread().interrupt();
        }
        err.println(sentence(advice, inOrder));
        err.flush();
    }

    static String sentence(String advice, boolean inOrder) {
        if (!inOrder) {
            return "tidegate: interrupted; it did not end in time";
        }
        return "tidegate: interrupted" + (advice.isEmpty() ? "" : ": " + advice);
    }
}
