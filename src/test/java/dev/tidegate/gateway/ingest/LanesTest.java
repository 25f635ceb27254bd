package dev.tidegate.gateway.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.Batching;
import io.opentelemetry.context.Context;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LanesTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final PushId PUSH = new PushId(new UUID(0, 1));

    /** Hands out the batches, and stores each when it is let. */
    private static final class Stores {

        private final BlockingQueue<List<PendingChunk>> batches = new LinkedBlockingQueue<>();
        private final Semaphore storing = new Semaphore(0);
        private final Semaphore closing = new Semaphore(0);
        private final BlockingQueue<Stores> closed = new LinkedBlockingQueue<>();
        private final AtomicInteger made = new AtomicInteger();

        Lanes.BatchStore make() {
            made.incrementAndGet();
            return new Lanes.BatchStore() {
                @Override
                public void store(List<PendingChunk> batch) {
                    batches.add(batch);
                    storing.acquireUninterruptibly();
                    batch.forEach(pending -> pending.done().complete(PushCost.NONE));
                }

                @Override
                public void close() {
                    closed.add(Stores.this);
                    closing.acquireUninterruptibly();
                }
            };
        }

        /** The bytes of the next batch. */
        int next() throws InterruptedException {
            return batches.take().stream()
                    .mapToInt(pending -> pending.chunk().storedLength())
                    .sum();
        }
    }

    private final Stores stores = new Stores();
    private final List<Lanes> begun = new ArrayList<>();

    private Lanes lanes(int limit, Duration idle, Batching batching) {
        return lanes(Thread.ofPlatform().factory(), limit, idle, batching);
    }

    private Lanes lanes(ThreadFactory threads, int limit, Duration idle, Batching batching) {
        Lanes lanes = new Lanes(threads, limit, idle, batching, stores::make);
        begun.add(lanes);
        return lanes;
    }

    /** Their threads would wait for work while other tests run. */
    @AfterEach
    void end() {
        stores.storing.release(1_000);
        stores.closing.release(1_000);
        begun.forEach(Lanes::drain);
    }

    /** As by a failure while a pack is sealed. */
    @Test
    void aLaneThatBreaksOffIsReplaced() throws Exception {
        // Given
        AtomicBoolean broken = new AtomicBoolean();
        Lanes lanes = new Lanes(Thread.ofPlatform().factory(), 1, LONG, Batching.atOnce(1000), () -> {
            Lanes.BatchStore store = stores.make();
            return new Lanes.BatchStore() {
                @Override
                public void store(List<PendingChunk> batch) {
                    store.store(batch);
                    if (broken.compareAndSet(false, true)) {
                        throw new IllegalStateException("a store that breaks, as the test wants it");
                    }
                }

                @Override
                public void close() {
                    store.close();
                }
            };
        });
        begun.add(lanes);
        stores.storing.release(2);
        add(lanes, 10).done().get();
        stores.closed.take();

        // When, then
        add(lanes, 20).done().get();
    }

    /** As where a container has used up its processes. */
    private static final class Threads implements ThreadFactory {

        private final AtomicInteger left = new AtomicInteger();

        @Override
        public Thread newThread(Runnable work) {
            return new Thread(work) {
                @Override
                public void start() {
                    if (left.getAndDecrement() <= 0) {
                        throw new OutOfMemoryError("no thread, as the test wants it");
                    }
                    super.start();
                }
            };
        }
    }

    @Test
    void aChunkThatNobodyCanTakeIsNotQueued() throws Exception {
        // Given
        Threads threads = new Threads();
        Lanes lanes = lanes(threads, 2, LONG, Batching.atOnce(1000));
        for (int attempt = 0; attempt < 3; attempt++) {
            assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> add(lanes, 10));
        }

        // When there are threads again
        threads.left.set(1);
        stores.storing.release();
        add(lanes, 20).done().get();

        // Then
        assertThat(stores.next()).isEqualTo(20);
    }

    @Test
    void aLaneTakesWhatNoOtherCanBeStartedFor() throws Exception {
        // Given the only lane that can be, which stores
        Threads threads = new Threads();
        threads.left.set(1);
        Lanes lanes = lanes(threads, 2, LONG, Batching.atOnce(1000));
        add(lanes, 10);
        assertThat(stores.next()).isEqualTo(10);

        // When
        PendingChunk more = add(lanes, 20);
        stores.storing.release(2);

        // Then
        more.done().get();
        assertThat(stores.next()).isEqualTo(20);
    }

    @Test
    void whatALaneThatBreaksOffLeavesToNobodyFails() throws Exception {
        // Given a lane that breaks off and cannot be replaced
        Threads threads = new Threads();
        threads.left.set(1);
        IllegalStateException broken = new IllegalStateException("a store that breaks, as the test wants it");
        CountDownLatch queued = new CountDownLatch(1);
        Lanes lanes = new Lanes(threads, 1, LONG, Batching.atOnce(1000), () -> new Lanes.BatchStore() {
            @Override
            public void store(List<PendingChunk> batch) {
                try {
                    queued.await();
                } catch (InterruptedException ended) {
                    throw new IllegalStateException(ended);
                }
                throw broken;
            }

            @Override
            public void close() {}
        });
        begun.add(lanes);
        add(lanes, 1000);
        // The lane has the first one only: the other is more than a batch.
        PendingChunk left = add(lanes, 20);

        // When, then
        queued.countDown();
        assertThat(left.done()).failsWithin(Duration.ofSeconds(30));
    }

    @Test
    void aBatchOfTheSmallestHasABound() throws Exception {
        // Given a lane that stores
        Lanes lanes = lanes(1, LONG, Batching.atOnce(1 << 20));
        add(lanes, 1);
        assertThat(stores.next()).isEqualTo(1);

        // When
        for (int i = 0; i < Lanes.MOST_CHUNKS + 3; i++) {
            add(lanes, 1);
        }
        stores.storing.release(3);

        // Then
        assertThat(stores.next()).isEqualTo(Lanes.MOST_CHUNKS);
        assertThat(stores.next()).isEqualTo(3);
    }

    private static PendingChunk add(Lanes lanes, int bytes) {
        ByteBuffer content = ByteBuffer.allocate(bytes);
        PendingChunk pending = new PendingChunk(
                PUSH,
                new StoredChunk(Digest.of(content.duplicate()), ChunkKind.DATA, Codec.NONE, bytes, content),
                Optional.empty(),
                List.of(),
                Context.root(),
                new CompletableFuture<>());
        lanes.add(pending);
        return pending;
    }

    @Test
    void whatIsSmallIsStoredAtOnce() throws Exception {
        // Given a linger that would outlast the test
        Lanes lanes = lanes(1, LONG, new Batching(1000, LONG, 100));

        // When, then
        stores.storing.release();
        add(lanes, 99).done().get();
        assertThat(stores.next()).isEqualTo(99);
    }

    @Test
    void aStreamIsGatheredUntilTheBatchIsFull() throws Exception {
        // Given a lane that stores, behind which a stream begins
        Lanes lanes = lanes(1, LONG, new Batching(1000, LONG, 100));
        add(lanes, 50);
        assertThat(stores.next()).isEqualTo(50);
        add(lanes, 300);

        // When
        stores.storing.release();
        add(lanes, 300);
        add(lanes, 300);
        assertThat(stores.batches.poll(100, TimeUnit.MILLISECONDS)).isNull();
        add(lanes, 100);

        // Then
        assertThat(stores.next()).isEqualTo(1000);
    }

    @Test
    void aStreamThatEndsIsStoredAllTheSame() throws Exception {
        Lanes lanes = lanes(2, LONG, new Batching(1000, Duration.ofMillis(50), 100));
        stores.storing.release(2);
        for (PendingChunk pending : List.of(add(lanes, 150), add(lanes, 150), add(lanes, 150))) {
            pending.done().get();
        }
        assertThat(stores.next()).isGreaterThanOrEqualTo(150);
    }

    @Test
    void whatIsMoreThanABatchIsTakenByTheOtherLanes() throws Exception {
        Lanes lanes = lanes(3, LONG, Batching.atOnce(1000));
        add(lanes, 600);
        assertThat(stores.next()).isEqualTo(600);
        add(lanes, 600);
        assertThat(stores.next()).isEqualTo(600);
        add(lanes, 600);
        assertThat(stores.next()).isEqualTo(600);

        // When all lanes store, what comes waits
        add(lanes, 600);
        add(lanes, 600);
        add(lanes, 600);
        assertThat(stores.batches.poll(50, TimeUnit.MILLISECONDS)).isNull();
        assertThat(stores.made.get()).isEqualTo(3);
        stores.storing.release();
        assertThat(stores.next()).isEqualTo(1200);
        stores.storing.release();
        assertThat(stores.next()).isEqualTo(600);
    }

    /** A lane that was idle seals its pack, which takes a while. What comes meanwhile needs another lane. */
    @Test
    void nothingIsLeftToALaneThatEnds() throws Exception {
        // Given a lane that is closing, and the only one
        Lanes lanes = lanes(1, Duration.ofMillis(1), Batching.atOnce(1000));
        stores.storing.release(2);
        add(lanes, 10).done().get();
        stores.closed.take();

        // When, then
        add(lanes, 20).done().get();
        assertThat(stores.made.get()).isEqualTo(2);
    }

    @Test
    void drainingStoresWhatIsGatheredAndClosesAll() throws Exception {
        // Given
        Lanes lanes = lanes(2, LONG, new Batching(1000, LONG, 100));
        stores.storing.release(10);
        stores.closing.release(10);
        PendingChunk gathered = add(lanes, 500);

        // When
        lanes.drain();

        // Then
        assertThat(gathered.done()).isCompleted();
        assertThat(stores.closed).hasSize(stores.made.get());
    }

    @Test
    void manyAddersAreAllServed() throws Exception {
        // Given lanes that end and start all the time
        Lanes lanes = lanes(3, Duration.ofNanos(1), new Batching(500, Duration.ofMillis(1), 100));
        stores.storing.release(100_000);
        stores.closing.release(100_000);
        Queue<PendingChunk> all = new ConcurrentLinkedQueue<>();
        List<Thread> adders = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            adders.add(Thread.ofPlatform().start(() -> {
                for (int j = 0; j < 5_000; j++) {
                    PendingChunk pending = add(lanes, 1 + j % 60);
                    all.add(pending);
                    if (j % 50 == 0) {
                        pending.done().join();
                    }
                }
            }));
        }
        for (Thread adder : adders) {
            adder.join();
        }

        // Then
        for (PendingChunk pending : all) {
            pending.done().get();
        }
        assertThat(stores.batches)
                .allSatisfy(batch -> assertThat(batch.stream()
                                .mapToInt(pending -> pending.chunk().storedLength())
                                .sum())
                        .isBetween(1, 560));
    }
}
