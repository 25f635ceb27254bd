package dev.tidegate.gateway.observe;

import dev.tidegate.catalog.PushCost;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What this gateway counts of what it does, since it started. All threads may share it; each call costs some nanoseconds. */
@Singleton
public final class GatewayMetrics {

    // An alert compares with a bound: between two it would be a guess.
    private static final Duration[] ACK_BOUNDS = millis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000);
    private static final Duration[] PUBLISH_BOUNDS =
            millis(5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000);

    private final Counter logicalBytes;
    private final Counter transferredBytes;
    private final Counter newBytes;
    private final Counter storedBytes;
    private final Counter pulledBytes;
    private final Counter newChunks;
    private final Counter reusedChunks;
    private final Timer acks;
    private final Timer publications;
    private final DistributionSummary commitChunks;
    private final DistributionSummary commitBytes;
    private final Counter savedBytes;

    GatewayMetrics(MeterRegistry registry) {
        this.logicalBytes = pushBytes(registry, "logical");
        this.transferredBytes = pushBytes(registry, "transferred");
        this.newBytes = pushBytes(registry, "new");
        this.storedBytes = pushBytes(registry, "stored");
        this.pulledBytes = Counter.builder("tidegate.pull.bytes")
                .description("Bytes of chunks and of files that were sent to readers.")
                .baseUnit("bytes")
                .register(registry);
        this.newChunks = chunks(registry, "new");
        this.reusedChunks = chunks(registry, "reused");
        this.acks = Timer.builder("tidegate.ack")
                .description("From the arrival of a message of chunks to its acknowledgement.")
                .serviceLevelObjectives(ACK_BOUNDS)
                .register(registry);
        this.publications = Timer.builder("tidegate.publish")
                .description("From a publication's arrival to its answer, of those that went well.")
                .serviceLevelObjectives(PUBLISH_BOUNDS)
                .register(registry);
        this.commitChunks = DistributionSummary.builder("tidegate.group.commit.chunks")
                .description("Chunks that one flush of a pack made durable.")
                .register(registry);
        this.savedBytes = Counter.builder("tidegate.delta.saved.bytes")
                .description("Bytes that chunks which are stored as deltas would have taken besides.")
                .baseUnit("bytes")
                .register(registry);
        this.commitBytes = DistributionSummary.builder("tidegate.group.commit.bytes")
                .description("Bytes of chunks, as they are stored, that one flush of a pack made durable.")
                .baseUnit("bytes")
                .register(registry);
    }

    /** A message of chunks has arrived. */
    public void received(long messageBytes) {
        transferredBytes.increment((double) messageBytes);
    }

    /** A message of chunks that had arrived at {@code since}, by {@link System#nanoTime}, was acknowledged. */
    public void acknowledged(long since) {
        acks.record(System.nanoTime() - since, TimeUnit.NANOSECONDS);
    }

    /** A probe has found so many chunks present, which will not be sent. */
    public void found(int present) {
        reusedChunks.increment(present);
    }

    /** Bytes of a pack have been flushed. */
    public void flushed(int chunks, long bytes) {
        commitChunks.record(chunks);
        commitBytes.record((double) bytes);
    }

    /** Chunks are stored as deltas, in so many bytes fewer than they would have been. */
    public void spared(long bytes) {
        savedBytes.increment((double) bytes);
    }

    /** Chunks have been indexed, which cost that; {@code reused} others were there already. */
    public void indexed(PushCost cost, int reused) {
        newChunks.increment((double) cost.newChunks());
        newBytes.increment((double) cost.newBytes());
        storedBytes.increment((double) cost.storedBytes());
        reusedChunks.increment(reused);
    }

    /** A layer whose files have so many bytes has been published, in a call that began at {@code since}. */
    public void published(long layerBytes, long since) {
        logicalBytes.increment((double) layerBytes);
        publications.record(System.nanoTime() - since, TimeUnit.NANOSECONDS);
    }

    /** Bytes have been sent to a reader. */
    public void sent(long bytes) {
        pulledBytes.increment((double) bytes);
    }

    private static Counter pushBytes(MeterRegistry registry, String kind) {
        return Counter.builder("tidegate.push.bytes")
                .description("Bytes of pushes: of the files of published layers (logical), of the messages that brought"
                        + " chunks (transferred), of new chunks (new), and of these as they are stored (stored).")
                .baseUnit("bytes")
                .tag("kind", kind)
                .register(registry);
    }

    private static Counter chunks(MeterRegistry registry, String outcome) {
        return Counter.builder("tidegate.chunks")
                .description("Chunks that were asked for or sent: not there before (new), or there already (reused).")
                .tag("outcome", outcome)
                .register(registry);
    }

    private static Duration[] millis(long... bounds) {
        Duration[] durations = new Duration[bounds.length];
        for (int i = 0; i < bounds.length; i++) {
            durations[i] = Duration.ofMillis(bounds[i]);
        }
        return durations;
    }
}
