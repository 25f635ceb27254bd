package dev.tidegate.agent.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the cycles of one artifact on a thread of its own: at each tick of its period, when somebody asks, and once more at
 * the end. A cycle never overlaps another of the same artifact. Thread-safe.
 */
final class Cadence implements AutoCloseable {

    /** How often the last cycle is repeated that went well but left something out, or found no directory. */
    private static final int LAST_CYCLES = 3;

    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final Cycle cycle;
    private final boolean atOnce;
    private final Supplier<OptionalLong> shared;
    private final Schedule schedule;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Who waits for a cycle that has not begun. Bounded by the connections of the control socket. */
    private List<CompletableFuture<SyncOutcome>> waiting = new ArrayList<>();

    private volatile boolean brokenOff;
    private boolean prompted;
    private boolean last;
    private SyncOutcome lastOutcome = new SyncOutcome.Failed("it was not tried");

    /** What those are told who ask for a cycle when none comes any more; null while one does. */
    private @Nullable SyncOutcome atEnd;

    /** What is done again and again. */
    @FunctionalInterface
    interface Cycle {
        /**
         * Does it once.
         *
         * @param last whether it began after {@link #finish}
         */
        SyncOutcome run(boolean last);
    }

    /**
     * Starts.
     *
     * @param atOnce whether the first cycle begins now, or after a period
     * @param shared finds the next tick that is shared with others, a moment of the monotonic clock in nanoseconds; empty if
     *     none is, or it cannot be told now
     * @param cycle when its thread is interrupted it ends soon, as failed
     */
    Cadence(String name, Duration period, boolean atOnce, Supplier<OptionalLong> shared, Cycle cycle) {
        this.cycle = cycle;
        this.atOnce = atOnce;
        this.shared = shared;
        this.schedule = new Schedule(period, System.nanoTime(), atOnce, ThreadLocalRandom.current());
        this.thread = Thread.ofPlatform().daemon().name("tidegate-sync-" + name).start(this::run);
    }

    /** Asks for a cycle that begins from now on, and tells how it ended. */
    CompletableFuture<SyncOutcome> request() {
        CompletableFuture<SyncOutcome> outcome = new CompletableFuture<>();
        lock.lock();
        try {
            if (atEnd == null) {
                waiting.add(outcome);
                changed.signal();
            } else {
                outcome.complete(atEnd);
            }
        } finally {
            lock.unlock();
        }
        return outcome;
    }

    /** Asks for a cycle that begins from now on; one for all who ask before it does. */
    void prompt() {
        lock.lock();
        try {
            prompted = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing changes any more: asks for cycles until one was complete, and then for no more. */
    void finish() {
        lock.lock();
        try {
            last = true;
            lastOutcome = new SyncOutcome.Failed("it was not tried after the end");
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the end after {@link #finish}; false if it did not come in time. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        return thread.join(limit);
    }

    /** How the last cycle ended. */
    SyncOutcome lastOutcome() {
        lock.lock();
        try {
            return lastOutcome;
        } finally {
            lock.unlock();
        }
    }

    /** Breaks off what goes on, without waiting for its end. */
    void breakOff() {
        brokenOff = true;
        thread.interrupt();
    }

    /** Breaks off what goes on, and waits a little for its end, unless that was broken off before. */
    @Override
    public void close() {
        if (brokenOff) {
            return;
        }
        breakOff();
        try {
            thread.join(CLOSING);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        List<CompletableFuture<SyncOutcome>> served = List.of();
        int lastCycles = 0;
        SyncOutcome end = new SyncOutcome.Failed("the agent ends");
        try {
            if (!atOnce) {
                shared.get().ifPresent(schedule::align);
            }
            while (true) {
                boolean isLast;
                lock.lockInterruptibly();
                try {
                    isLast = awaitCycle(lastCycles > 0);
                    served = waiting;
                    waiting = new ArrayList<>();
                } finally {
                    lock.unlock();
                }
                SyncOutcome outcome = runCycle(isLast);
                record(outcome, isLast);
                served.forEach(each -> each.complete(outcome));
                long now = System.nanoTime();
                if (isLast) {
                    if (lastCycles == 0) {
                        schedule.startOver();
                    }
                    lastCycles++;
                    if (outcome.complete() || (lastCycles >= LAST_CYCLES && !mayChange(outcome))) {
                        end = outcome;
                        return;
                    }
                    schedule.failedLast(now);
                } else if (outcome instanceof SyncOutcome.Failed) {
                    schedule.failed(now);
                } else {
                    schedule.succeeded(now);
                    shared.get().ifPresent(schedule::align);
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } finally {
            lock.lock();
            try {
                atEnd = end;
                waiting.addAll(served);
                for (CompletableFuture<SyncOutcome> each : waiting) {
                    each.complete(end);
                }
                waiting = new ArrayList<>();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Whether a cycle that did not end well may do so later although nobody writes any more. */
    private static boolean mayChange(SyncOutcome outcome) {
        return outcome instanceof SyncOutcome.Failed(var _, SyncOutcome.Cause cause)
                && cause != SyncOutcome.Cause.DIRECTORY_ABSENT;
    }

    /** Whatever comes of a cycle, there is a next one. */
    private SyncOutcome runCycle(boolean isLast) {
        try {
            return cycle.run(isLast);
        } catch (RuntimeException | Error defect) {
            return new SyncOutcome.Failed("this is a defect of Tidegate: " + defect);
        }
    }

    /** Waits until a cycle is due; returns whether it is one after the end. */
    private boolean awaitCycle(boolean lastBegan) throws InterruptedException {
        while (waiting.isEmpty() && !prompted && !(last && !lastBegan)) {
            long nanos = schedule.delay(System.nanoTime());
            if (nanos == 0) {
                break;
            }
            changed.await(nanos, TimeUnit.NANOSECONDS);
        }
        prompted = false;
        return last;
    }

    /** A cycle that began before the end says nothing of what was written until then. */
    private void record(SyncOutcome outcome, boolean isLast) {
        lock.lock();
        try {
            if (isLast || !last) {
                lastOutcome = outcome;
            }
        } finally {
            lock.unlock();
        }
    }
}
