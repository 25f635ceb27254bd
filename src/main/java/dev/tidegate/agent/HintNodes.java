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

/**
 * Nodes that are read for hints, without which a push goes on: one that does not wait for a gateway whose readers are many. The
 * first read that takes too long, or that fails otherwise than for what it reads, is the last one.
 */
final class HintNodes implements NodeSource {

    /** How long a read may take. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private final NodeSource nodes;
    private final Duration patience;
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
        }
    }
}
