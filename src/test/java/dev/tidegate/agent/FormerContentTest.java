package dev.tidegate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.content.DeltaBase;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.ContentChunk;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.FileBuilder;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.testing.SeededRandom;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FormerContentTest {

    private final Map<Digest, ByteBuffer> nodes = new HashMap<>();
    private final List<ContentChunk> chunks = new ArrayList<>();
    private final AtomicInteger reads = new AtomicInteger();

    private final NodeSource source = references -> {
        reads.incrementAndGet();
        return references.stream()
                .map(reference -> {
                    ByteBuffer node = nodes.get(reference.digest());
                    if (node == null) {
                        throw new ManifestException.NodeUnavailable(reference);
                    }
                    return node.duplicate();
                })
                .toList();
    };

    private final HintNodes hints = new HintNodes(source, Duration.ofSeconds(60));

    private Entry.RegularFile file(Random random, int count) {
        FileBuilder builder = new FileBuilder((kind, digest, node) -> nodes.put(
                digest,
                ByteBuffer.allocate(node.remaining()).put(node.duplicate()).flip()));
        for (int i = 0; i < count; i++) {
            Digest digest = new Digest(random.nextLong(), i, 0, 0);
            int length = 16_384 + random.nextInt(200_000);
            chunks.add(new ContentChunk(digest, length, builder.size()));
            builder.add(digest, length);
        }
        long size = builder.size();
        return new Entry.RegularFile(size, 0644, new Timestamp(1, 0), builder.finish());
    }

    /** As a reader of the definition would do it. */
    private Optional<DeltaBase> most(long offset, int length) {
        ContentChunk best = null;
        long most = 0;
        for (ContentChunk chunk : chunks) {
            long shared = Math.min(offset + length, chunk.offset() + chunk.length()) - Math.max(offset, chunk.offset());
            if (shared > most) {
                most = shared;
                best = chunk;
            }
        }
        return best == null
                ? Optional.empty()
                : Optional.of(new DeltaBase(best.digest(), (int) (offset - best.offset())));
    }

    @Test
    void tellsWhatHadMostOfTheBytes(@SeededRandom Random random) {
        for (int count : new int[] {1, 2, 300, 5_000}) {
            chunks.clear();
            Entry.RegularFile file = file(random, count);
            FormerContent former = FormerContent.of(hints, file);
            long offset = 0;
            for (int ask = 0; ask < 2_000; ask++) {
                // Mostly onwards; sometimes far ahead, or back
                offset = random.nextInt(50) == 0
                        ? Math.floorMod(random.nextLong(), file.size() + 300_000)
                        : offset + random.nextInt(200_000);
                int length = 1 + random.nextInt(262_144);
                assertThat(former.at(offset, length))
                        .as("%d chunks, %d bytes at %d of %d", count, length, offset, file.size())
                        .isEqualTo(most(offset, length));
            }
        }
    }

    @Test
    void aFileFromBeginningToEndIsReadOnce(@SeededRandom Random random) {
        Entry.RegularFile file = file(random, 20_000);
        FormerContent former = FormerContent.of(hints, file);

        for (ContentChunk chunk : List.copyOf(chunks)) {
            assertThat(former.at(chunk.offset(), chunk.length())).contains(new DeltaBase(chunk.digest(), 0));
        }

        assertThat(reads).hasValueLessThan(20);
    }

    @Test
    void whatCannotBeReadGivesNoHint(@SeededRandom Random random) {
        Entry.RegularFile file = file(random, 1_000);
        FormerContent former = FormerContent.of(hints, file);
        nodes.clear();

        assertThat(former.at(0, 100_000)).isEmpty();
        assertThat(former.at(1_000_000, 100_000)).isEmpty();
        assertThat(reads).hasValue(1);
    }

    @Test
    void aGatewayThatLetsWaitIsNotAskedAgain(@SeededRandom Random random) {
        // Given
        Entry.RegularFile file = file(random, 1_000);
        CountDownLatch interrupted = new CountDownLatch(1);
        HintNodes waiting = new HintNodes(
                references -> {
                    reads.incrementAndGet();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException given) {
                        interrupted.countDown();
                        throw new CallInterruptedException("given up");
                    }
                    return source.read(references);
                },
                Duration.ofMillis(50));

        // When, then: neither for this file nor for another one
        assertThat(FormerContent.of(waiting, file).at(0, 100_000)).isEmpty();
        assertThat(FormerContent.of(waiting, file).at(0, 100_000)).isEmpty();
        assertThat(interrupted)
                .satisfies(
                        latch -> assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue());
        assertThat(reads).hasValue(1);
    }

    @Test
    void oneChunkThatIsKnownNeedsNoReading() {
        ContentChunk only = new ContentChunk(new Digest(1, 2, 3, 4), 1_000, 5_000);
        FormerContent former = FormerContent.of(only);

        assertThat(former.at(5_000, 10_000)).contains(new DeltaBase(only.digest(), 0));
        assertThat(former.at(5_500, 10)).contains(new DeltaBase(only.digest(), 500));
        assertThat(former.at(6_000, 10)).isEmpty();
    }
}
