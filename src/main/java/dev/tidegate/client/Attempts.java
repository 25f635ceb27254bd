package dev.tidegate.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts the failures of one call or stream since its last progress and decides whether it is tried again. */
final class Attempts {

    /** An attempt that is made at all gets at least this long to answer. */
    private static final Duration SHORTEST_DEADLINE = Duration.ofSeconds(1);

    private final GatewayConnection connection;
    private final RetryPolicy policy;
    private int failures;

    /** When the first of the failures came. */
    private long begin;

    /** The last of the failures. */
    private @Nullable GatewayException last;

    Attempts(GatewayConnection connection, RetryPolicy policy) {
        this.connection = connection;
        this.policy = policy;
    }

    /** Something succeeded: the limit counts from the next failure. */
    synchronized void progressed() {
        failures = 0;
        last = null;
    }

    /** The deadline of an attempt, cut to what the policy leaves. */
    synchronized Duration bounded(Duration deadline) {
        Duration left = failures == 0 ? policy.limit() : policy.limit().minusNanos(System.nanoTime() - begin);
        if (policy.limit().isZero() || left.compareTo(deadline) >= 0) {
            return deadline;
        }
        return left.compareTo(SHORTEST_DEADLINE) < 0 ? SHORTEST_DEADLINE : left;
    }

    /**
     * Returns after a pause if the attempt should be repeated.
     *
     * @throws GatewayException if the failure is final or the policy has ended
     * @throws CallInterruptedException if the thread was interrupted or the connection closed
     */
    void failed(Throwable failure) {
        if (Thread.currentThread().isInterrupted()) {
            throw new CallInterruptedException("the call was interrupted", last());
        }
        GatewayException told = GatewayErrors.translate(connection.address(), failure);
        Duration pause = count(told);
        if (pause.isNegative() || !GatewayErrors.isTransient(failure)) {
            throw told;
        }
        connection.absence().failed(told, lasted(), policy.limit());
        connection.pause(pause, told);
        connection.reconnectNow();
    }

    private synchronized Duration lasted() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private synchronized @Nullable GatewayException last() {
        return last;
    }

    /** Returns the pause before the next attempt; negative if the policy leaves no time for one. */
    private synchronized Duration count(GatewayException failure) {
        long now = System.nanoTime();
        last = failure;
        if (failures == 0) {
            begin = now;
        }
        failures++;
        Duration pause = connection.pauseBefore(policy, failures);
        boolean fits = now - begin + pause.toNanos() <= policy.limit().toNanos();
        return fits ? pause : Duration.ofNanos(-1);
    }
}
