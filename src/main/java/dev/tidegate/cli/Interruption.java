package dev.tidegate.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * While it is open, a SIGINT or SIGTERM interrupts the thread that opened it and gives it some seconds to leave things in
 * order. The process ends with the code of the signal.
 */
final class Interruption implements AutoCloseable {

    private static final long SECONDS = 10;

    private static volatile boolean happened;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread worker = Thread.currentThread();
    private final PrintWriter err;
    private final String advice;
    private final Thread hook =
            Thread.ofPlatform().name("tidegate-interruption").unstarted(this::interrupt);

    private Interruption(PrintWriter err, String advice) {
        this.err = err;
        this.advice = advice;
    }

    /** Takes care of signals from here on. Says {@code advice} on {@code err} when one came. */
    static Interruption handled(PrintWriter err, String advice) {
        Interruption interruption = new Interruption(err, advice);
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
        try {
            if (!ended.await(SECONDS, TimeUnit.SECONDS)) {
                err.println("tidegate: it did not end in time");
            }
        } catch (InterruptedException impossible) {
            Thread.currentThread().interrupt();
        }
        err.println("tidegate: interrupted" + (advice.isEmpty() ? "" : ": " + advice));
        err.flush();
    }
}
