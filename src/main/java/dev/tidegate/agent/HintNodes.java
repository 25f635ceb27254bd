package dev.tidegate.agent;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.NodeSource;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Nodes that are read for hints, without which a push goes on: one that does not wait for a gateway whose readers are many. Once
 * reading has taken some seconds, and a twentieth of the time that the push has, nothing is read any more; nor after a read that
 * takes too long alone, or that fails otherwise than for what it reads.
 */
final class HintNodes implements NodeSource {

    /** How long a read may take, and all of them beside their share. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int SHARE = 20;

    private final NodeSource nodes;
    private final Duration patience;
    private final long begun = System.nanoTime();
    private final AtomicLong spent = new AtomicLong();
    private volatile boolean ended;

    /** Reads from {@code nodes}, whose reads end when they are interrupted. */
    HintNodes(NodeSource nodes, Duration patience) {
        this.nodes = nodes;
        this.patience = patience;
    }

    @Override
    public List<ByteBuffer> read(List<ChunkReference> references) {
        if (ended) {
            throw new ManifestException.NodeUnavailable(references.getFirst());
        }
        long start = System.nanoTime();
        FutureTask<List<ByteBuffer>> reading = new FutureTask<>(() -> nodes.read(references));
        Thread.ofVirtual().name("tidegate-hint").start(reading);
        try {
            return reading.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException tooSlow) {
            ended = true;
            reading.cancel(true);
            throw new ManifestException.NodeUnavailable(references.getFirst());
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case ManifestException unreadable -> throw unreadable;
                case Error error -> throw error;
                case null, default -> {
                    ended = true;
                    throw new ManifestException.NodeUnavailable(references.getFirst());
                }
            }
        } catch (InterruptedException interrupted) {
            reading.cancel(true);
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("the push was interrupted");
        } finally {
            long now = System.nanoTime();
            if (spent.addAndGet(now - start) > patience.toNanos() + (now - begun) / SHARE) {
                ended = true;
            }
        }
    }
}
