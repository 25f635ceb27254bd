package dev.tidegate.agent.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The signals of this process, taken one by one instead of having their usual effect. Those that the system or the Java
 * virtual machine keeps for itself, SIGQUIT among them, are left alone, and those that were ignored from the beginning stay
 * so.
 */
final class Signals implements AutoCloseable {

    /** Sync at once. */
    static final String SYNC = "USR1";

    private static final List<String> TAKEN = List.of("INT", "TERM", "HUP", SYNC, "USR2");

    /** Whoever sends more before one is dealt with sends them in vain. */
    private static final int CAPACITY = 64;

    private static final SystemSignals SYSTEM = new SystemSignals();

    private final BlockingQueue<String> pending = new ArrayBlockingQueue<>(CAPACITY);
    private final Map<String, Object> before = new LinkedHashMap<>();
    private @Nullable Thread interrupted;

    private Signals() {}

    /** Takes the signals from now on. */
    static Signals take() {
        Signals signals = new Signals();
        for (String name : TAKEN) {
            try {
                Object usual = SYSTEM.take(name, signals::got);
                if (SYSTEM.wasIgnored(usual)) {
                    SYSTEM.restore(name, usual);
                } else {
                    signals.before.put(name, usual);
                }
            } catch (IllegalArgumentException keptByTheSystem) {
                // It has its usual effect.
            }
        }
        return signals;
    }

    /** Until {@link #waitPatiently}, a signal that ends a process interrupts the calling thread as well. */
    synchronized void interruptThisThread() {
        interrupted = Thread.currentThread();
    }

    /** Signals only wait to be taken from now on. Returns whether one came before that ends a process; its interrupt is cleared. */
    synchronized boolean waitPatiently() {
        interrupted = null;
        return Thread.interrupted();
    }

    /** The next signal's name; null if none comes in time. */
    @Nullable
    String next(long millis) throws InterruptedException {
        return pending.poll(millis, TimeUnit.MILLISECONDS);
    }

    /** The code of a process that the signal ended: 128 and its number. */
    static int exitCode(String name) {
        return 128 + SYSTEM.number(name);
    }

    /** Whether a process ends by it that does not take it. */
    static boolean ends(String name) {
        return name.equals("INT") || name.equals("TERM") || name.equals("HUP");
    }

    /** Gives the signals back. */
    @Override
    public void close() {
        before.forEach(SYSTEM::restore);
    }

    private void got(String name) {
        pending.offer(name);
        synchronized (this) {
            if (interrupted != null && ends(name)) {
                interrupted.interrupt();
            }
        }
    }
}
