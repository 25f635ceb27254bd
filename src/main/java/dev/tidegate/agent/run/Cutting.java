package dev.tidegate.agent.run;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.Cut;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.WaitingPush;
import dev.tidegate.v1.PublishResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Takes the pushes of one artifact into cuts with those of the other ranks. All ranks push at the same ticks of the gateway's
 * clock, whatever their own clocks say, and whoever pushes first at a tick begins its cut. Thread-safe.
 */
final class Cutting {

    /** A cut that was begun longer ago, in parts of its deadline, is of another tick. */
    private static final int PARTS = 2;

    private final GatewayConnection connection;
    private final String artifact;
    private final int rank;
    private final int writers;
    private final Duration deadline;

    /** The cut that the next push belongs to, if it is one that was pushed into before. */
    private volatile Optional<String> again = Optional.empty();

    /**
     * Prepares.
     *
     * @param artifact its id
     * @param writers how many ranks take part
     * @param deadline how long a cut waits for them
     */
    Cutting(GatewayConnection connection, String artifact, int rank, int writers, Duration deadline) {
        this.connection = connection;
        this.artifact = artifact;
        this.rank = rank;
        this.writers = writers;
        this.deadline = deadline;
    }

    /**
     * Names the cut of a push that begins now.
     *
     * @param last whether the rank goes no further
     */
    Cut next(boolean last) {
        Optional<String> known = again;
        again = Optional.empty();
        String id = known.orElseGet(() -> connection.cuts().join(artifact, rank, writers, deadline.dividedBy(PARTS)));
        return new Cut(id, writers, deadline, Map.of(), last);
    }

    /** Has the next push take the place of the last one in its cut. */
    void pushAgain(String cut) {
        again = Optional.of(cut);
    }

    /** What has become of a push that waited; empty if it cannot be told now. */
    Optional<PublishResponse> outcome(WaitingPush waiting) {
        try {
            return Optional.of(connection.cuts().outcome(waiting));
        } catch (GatewayException away) {
            return Optional.empty();
        }
    }

    /**
     * Finds the next tick that all ranks share.
     *
     * @return a moment of the monotonic clock in nanoseconds; empty if the gateway does not answer
     */
    OptionalLong nextTick(Duration period) {
        try {
            long asked = System.nanoTime();
            Instant time = connection.cuts().time();
            long answered = System.nanoTime();
            long sinceEpoch = Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
            long left = period.toNanos() - Math.floorMod(sinceEpoch, period.toNanos());
            return OptionalLong.of(asked + (answered - asked) / 2 + left);
        } catch (GatewayException away) {
            return OptionalLong.empty();
        } catch (CallInterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }
}
