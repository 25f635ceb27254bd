package dev.tidegate.cli;

import dev.tidegate.agent.run.AgentListener;
import dev.tidegate.terminal.Printable;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Tells on stderr, beside what the job prints on stdout, on a thread of its own: should nobody take what is told, only that
 * waits. Of what nobody takes the oldest is left out, and it is told how much. Thread-safe.
 */
final class AgentMessages implements AgentListener, AutoCloseable {

    /** How many sentences wait: an agent that is in trouble tells a few a minute, and at its end a few dozen. */
    static final int CAPACITY = 256;

    /** How long whoever reads stderr may take to read the rest at the end. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final PrintWriter err;
    private final Deque<String> waiting = new ArrayDeque<>();
    private long leftOut;
    private boolean writing;

    AgentMessages(PrintWriter err) {
        this.err = err;
        Thread.ofPlatform().daemon().name("tidegate-messages").start(this::run);
    }

    @Override
    public synchronized void message(String sentence) {
        if (waiting.size() == CAPACITY) {
            waiting.remove();
            leftOut++;
        }
        waiting.add(sentence);
        notifyAll();
    }

    /** Waits a little for what has not been written. */
    @Override
    public synchronized void close() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (writing || !waiting.isEmpty()) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (true) {
                err.println("tidegate: " + Printable.line(next()));
                err.flush();
            }
        } catch (InterruptedException impossible) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized String next() throws InterruptedException {
        writing = false;
        notifyAll();
        while (waiting.isEmpty()) {
            wait();
        }
        writing = true;
        if (leftOut > 0) {
            String told = leftOut + " messages are left out here, because nobody read them";
            leftOut = 0;
            return told;
        }
        return waiting.remove();
    }
}
