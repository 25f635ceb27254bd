package dev.tidegate.client;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Codecs;
import dev.tidegate.content.DeltaBase;
import dev.tidegate.content.Digest;
import dev.tidegate.content.Slabs;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.manifest.NodeSink;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings chunks to the gateway: asks in batches which are missing, encodes those alone, and sends them in the order in
 * which they were handed over. Whoever hands over children before their parents, as builders do, therefore keeps to the
 * protocol.
 *
 * <p>Three stages run at once, joined by a budget of bytes: the caller hashes and hands over; several batches are asked
 * for and encoded on as many threads as there are processors; one thread sends. When the budget is used up the caller
 * waits.
 *
 * <p>One thread hands over and finishes; {@link #statistics} and {@link #close} may be called by any.
 */
public final class ChunkUploader implements NodeSink, AutoCloseable {

    /** How many digests of each kind are remembered at least; see {@link RecentDigests}. */
    private static final int REMEMBERED = 32_768;

    /** How much of the budget one batch takes at most: several are asked for while others are encoded and sent. */
    private static final int BATCHES_IN_BUDGET = 8;

    private static final int LARGEST_BATCH = 8 << 20;

    /** The part of the budget that may lie in slabs: copies of what was rare in others have to find room beside them. */
    private static final double IN_SLABS = 0.75;

    private static final int FEWEST_SLABS = 3;

    private static final Codecs CODECS = new Codecs();

    private final PushSession session;
    private final int memory;
    private final ByteBudget budget;
    private final long batchBytes;
    private final PutStream stream;
    private final ExecutorService probes;
    private final ExecutorService encoders;
    private final Thread sender;
    private final LinkedBlockingQueue<Batch> batches = new LinkedBlockingQueue<>();
    private final Map<ChunkKind, RecentDigests> recent = new EnumMap<>(ChunkKind.class);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicLong chunksSeen = new AtomicLong();
    private final AtomicLong bytesSeen = new AtomicLong();
    private final AtomicLong chunksReused = new AtomicLong();

    private List<Pending> open = new ArrayList<>();
    private long openBytes;
    private volatile @Nullable Slabs slabs;

    ChunkUploader(PushSession session, int memory) {
        this.session = session;
        this.memory = memory;
        this.budget = new ByteBudget(memory);
        this.batchBytes = Math.min(LARGEST_BATCH, memory / BATCHES_IN_BUDGET);
        this.stream = new PutStream(session, budget);
        for (ChunkKind kind : ChunkKind.values()) {
            recent.put(kind, new RecentDigests(REMEMBERED));
        }
        this.probes = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("tidegate-probe-", 0).factory());
        this.encoders = Executors.newFixedThreadPool(
                Runtime.getRuntime().availableProcessors(),
                Thread.ofPlatform().daemon().name("tidegate-encode-", 0).factory());
        this.sender = Thread.ofPlatform().daemon().name("tidegate-send").start(this::send);
    }

    /**
     * Makes the buffers, of {@code length} bytes, that chunks are read into which lie there until they have arrived. Once, by
     * the thread that hands the chunks over.
     */
    public Slabs slabs(int length) {
        Slabs made = new Slabs(Math.max(FEWEST_SLABS, (int) (IN_SLABS * memory / length)), length, this::ask);
        slabs = made;
        if (failure.get() != null) {
            made.close();
        }
        return made;
    }

    @Override
    public void accept(ChunkKind kind, Digest digest, ByteBuffer plaintext) {
        accept(kind, digest, plaintext, () -> {}, Optional::empty);
    }

    /**
     * Takes a chunk.
     *
     * @param digest the SHA-256 of {@code plaintext}
     * @param plaintext from position to limit; nobody changes its content before {@code release} has been run
     * @param release is run once, by any thread, when the bytes are not needed any more; never, if the upload fails
     * @param base is asked, by any thread, which chunk this one resembles, once it is known to be missing
     * @throws GatewayException if the upload has failed, now or at any time before
     * @throws CallInterruptedException if the thread was interrupted
     */
    public void accept(
            ChunkKind kind, Digest digest, ByteBuffer plaintext, Runnable release, Supplier<Optional<DeltaBase>> base) {
        throwFailure();
        int length = plaintext.remaining();
        chunksSeen.incrementAndGet();
        bytesSeen.addAndGet(length);
        if (!recentOf(kind).add(digest)) {
            chunksReused.incrementAndGet();
            release.run();
            return;
        }
        if (!budget.tryAcquire(length)) {
            // What waits to be asked for would never leave the budget.
            ask();
            try {
                budget.acquire(length);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new CallInterruptedException("the upload was interrupted");
            }
            throwFailure();
        }
        open.add(new Pending(kind, digest, plaintext.hasArray() ? plaintext : copy(plaintext), release, base));
        openBytes += length;
        if (openBytes >= batchBytes || open.size() >= session.digestLimit()) {
            ask();
        }
    }

    /**
     * Returns when everything that was handed over is durable at the gateway.
     *
     * @throws GatewayException if the upload has failed
     * @throws CallInterruptedException if the thread was interrupted
     */
    public void finish() {
        ask();
        batches.add(Batch.LAST);
        try {
            sender.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("the upload was interrupted");
        }
        throwFailure();
    }

    /** What has been done so far. */
    public UploadStatistics statistics() {
        return stream.statistics(chunksSeen.get(), bytesSeen.get(), chunksReused.get());
    }

    /** Ends the upload, finished or not. What was acknowledged stays at the gateway. */
    @Override
    public void close() {
        letGo();
        stream.cancel();
        sender.interrupt();
        probes.shutdownNow();
        encoders.shutdownNow();
    }

    private void ask() {
        if (open.isEmpty()) {
            return;
        }
        List<Pending> chunks = open;
        open = new ArrayList<>();
        openBytes = 0;
        batches.add(new Batch(chunks, probes.submit(() -> resolve(chunks)), false));
    }

    /** Finds out which are missing and has them encoded. */
    private void resolve(List<Pending> chunks) {
        for (ChunkKind kind : ChunkKind.values()) {
            List<Pending> ofKind =
                    chunks.stream().filter(chunk -> chunk.kind == kind).toList();
            if (ofKind.isEmpty()) {
                continue;
            }
            BitSet missing = session.findMissing(
                    kind, ofKind.stream().map(chunk -> chunk.digest).toList());
            // A few in each slab would hold all of them.
            boolean rare = 2 * missing.cardinality() < ofKind.size();
            long released = 0;
            for (int i = 0; i < ofKind.size(); i++) {
                Pending chunk = ofKind.get(i);
                if (missing.get(i)) {
                    chunk.encode(encoders, budget, rare);
                } else {
                    released += chunk.drop();
                }
            }
            chunksReused.addAndGet(ofKind.size() - (long) missing.cardinality());
            budget.release(released);
        }
    }

    private void send() {
        try {
            for (Batch batch = next(); !batch.last; batch = next()) {
                if (!batch.resolved.isDone()) {
                    stream.flush();
                }
                batch.resolved.get();
                for (Pending chunk : batch.chunks) {
                    Future<Encoded> encoded = chunk.encoded;
                    if (encoded != null) {
                        stream.send(encoded.get().chunk, encoded.get().base, encoded.get().release);
                        chunk.encoded = null;
                    }
                }
            }
            stream.finish();
        } catch (ExecutionException failed) {
            fail(failed.getCause() == null ? failed : failed.getCause());
        } catch (InterruptedException interrupted) {
            fail(new CallInterruptedException("the upload was given up"));
        } catch (RuntimeException | Error failed) {
            fail(failed);
        }
    }

    private Batch next() throws InterruptedException {
        Batch batch = batches.poll();
        if (batch == null) {
            stream.flush();
            batch = batches.take();
        }
        return batch;
    }

    private void fail(Throwable thrown) {
        failure.compareAndSet(null, thrown);
        letGo();
        stream.cancel();
    }

    /** Nobody waits for memory any more. */
    private void letGo() {
        budget.close();
        Slabs made = slabs;
        if (made != null) {
            made.close();
        }
    }

    private void throwFailure() {
        switch (failure.get()) {
            case null -> {}
            case RuntimeException thrown -> throw thrown;
            case Error thrown -> throw thrown;
            case Throwable thrown -> throw new IllegalStateException("an upload cannot fail so", thrown);
        }
    }

    private static ByteBuffer copy(ByteBuffer plaintext) {
        byte[] bytes = new byte[plaintext.remaining()];
        plaintext.duplicate().get(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private RecentDigests recentOf(ChunkKind kind) {
        RecentDigests digests = recent.get(kind);
        if (digests == null) {
            throw new AssertionError("every kind was put in");
        }
        return digests;
    }

    /**
     * Chunks that are asked for together, in their order.
     *
     * @param resolved ends when the answer is there and the missing ones are being encoded
     * @param last whether this stands for the end alone
     */
    private record Batch(List<Pending> chunks, Future<?> resolved, boolean last) {
        private static final Batch LAST = new Batch(List.of(), CompletableFuture.completedFuture(null), true);
    }

    /**
     * A chunk as it is sent.
     *
     * @param base what it resembles
     * @param release is run once it has arrived
     */
    private record Encoded(StoredChunk chunk, Optional<DeltaBase> base, Runnable release) {}

    /** A chunk on its way. Written by the thread that resolves its batch, read by the sender after that. */
    private static final class Pending {
        private final ChunkKind kind;
        private final Digest digest;
        private final Runnable release;
        private final Supplier<Optional<DeltaBase>> base;
        private @Nullable ByteBuffer plaintext;
        private @Nullable Future<Encoded> encoded;

        private Pending(
                ChunkKind kind,
                Digest digest,
                ByteBuffer plaintext,
                Runnable release,
                Supplier<Optional<DeltaBase>> base) {
            this.kind = kind;
            this.digest = digest;
            this.plaintext = plaintext;
            this.release = release;
            this.base = base;
        }

        private void encode(ExecutorService encoders, ByteBudget budget, boolean rare) {
            ByteBuffer bytes = take();
            Optional<DeltaBase> resembled = base.get();
            encoded = encoders.submit(() -> {
                StoredChunk chunk = rare
                        ? CODECS.encode(
                                digest, kind, bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining())
                        : CODECS.encodeShared(digest, kind, bytes);
                budget.release(bytes.remaining() - chunk.storedLength());
                if (!rare && chunk.codec() == Codec.NONE) {
                    return new Encoded(chunk, resembled, release);
                }
                release.run();
                return new Encoded(chunk, resembled, () -> {});
            });
        }

        private int drop() {
            int length = take().remaining();
            release.run();
            return length;
        }

        private ByteBuffer take() {
            ByteBuffer bytes = plaintext;
            if (bytes == null) {
                throw new IllegalStateException("a chunk is resolved once");
            }
            plaintext = null;
            return bytes;
        }
    }
}
