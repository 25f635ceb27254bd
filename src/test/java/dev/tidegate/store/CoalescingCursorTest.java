package dev.tidegate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tidegate.content.ArrayPool;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.CoalescingCursor.Bounds;
import dev.tidegate.testing.SeededRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CoalescingCursorTest {

    private static final Bounds BOUNDS = new Bounds(64_000, 16_000, 500);

    private final RecordGenerator records = new RecordGenerator(5);
    private final InMemoryPackStore store = InMemoryPackStore.likeFiles();
    private final ArrayPool arrays = new ArrayPool(16, 1000, 2000, 4000, 8000, BOUNDS.read(), 18_000);
    private final List<StoredChunk> chunks = new ArrayList<>();
    private final List<RecordRequest> requests = new ArrayList<>();
    private final List<Integer> reads = new ArrayList<>();
    private long badSector = -1;

    private final PackBytes storage = new PackBytes() {
        @Override
        public long length(PackId pack) {
            return store.bytes(pack).length;
        }

        @Override
        public void read(PackId pack, long offset, ByteBuffer target) {
            int length = target.remaining();
            reads.add(length);
            if (offset <= badSector && badSector < offset + length) {
                throw new StoreException.Unavailable("a bad sector", null);
            }
            target.put(store.bytes(pack), (int) offset, length);
        }
    };

    @Test
    void neighboursAreReadTogetherUpToTheBound() {
        // Given
        pack(100, 948);

        // When
        List<StoredChunk> read = readAll(requests, BOUNDS);

        // Then
        assertThat(read).isEqualTo(chunks);
        assertThat(reads).hasSizeLessThan(10).allMatch(length -> length <= 16_000);
        assertThat(reads.stream().mapToInt(Integer::intValue).sum()).isEqualTo(100 * 1000);
    }

    @Test
    void theReverseOrderTakesAsFewReads() {
        // Given
        pack(60, 948);

        // When
        List<StoredChunk> read = readAll(requests.reversed(), BOUNDS);

        // Then
        assertThat(read).isEqualTo(chunks.reversed());
        assertThat(reads).hasSize(4);
    }

    @Test
    void gapsAreReadOnlyIfTheyAreSmall() {
        // Given
        pack(20, 348);
        List<RecordRequest> everySecond = new ArrayList<>();
        List<RecordRequest> everyThird = new ArrayList<>();
        for (int index = 0; index < 20; index++) {
            if (index % 2 == 0) {
                everySecond.add(requests.get(index));
            }
            if (index % 3 == 0) {
                everyThird.add(requests.get(index));
            }
        }

        // When
        readAll(everySecond, BOUNDS);

        // Then
        assertThat(reads).containsExactly(19 * 400);

        // When
        reads.clear();
        readAll(everyThird, BOUNDS);

        // Then
        assertThat(reads).hasSize(everyThird.size()).containsOnly(400);
    }

    @Test
    void gapsNeverTakeMoreThanAWindow() {
        // Given
        pack(40, 348);
        List<RecordRequest> everySecond = new ArrayList<>();
        for (int index = 0; index < 40; index += 2) {
            everySecond.add(requests.get(index));
        }

        // When
        readAll(everySecond, new Bounds(8000, 100_000, 500));

        // Then
        assertThat(reads.stream().mapToInt(Integer::intValue).sum()).isLessThanOrEqualTo(16_000);
    }

    @Test
    void aRecordLongerThanAWindowIsReadAlone() {
        // Given
        pack(3, 100_000);

        // When, Then
        assertThat(readAll(requests, BOUNDS)).isEqualTo(chunks);
        assertThat(reads).containsExactly(100_052, 100_052, 100_052);
    }

    @Test
    void nothingIsReadBeforeItIsAskedForNorAfterTheEnd() {
        // Given
        pack(100, 948);

        // When
        RecordCursor cursor = new CoalescingCursor(storage, requests, BOUNDS, arrays);
        assertThat(reads).isEmpty();
        cursor.next();
        cursor.close();

        // Then
        assertThat(reads).hasSize(1);
        assertThat(cursor.hasNext()).isFalse();
    }

    @Test
    void aBadSectorCostsOneRecord() {
        // Given
        pack(10, 948);
        badSector = requests.get(4).location().offset() + 500;

        // When
        List<StoredChunk> read = new ArrayList<>();
        try (RecordCursor cursor = new CoalescingCursor(storage, requests, BOUNDS, arrays)) {
            for (int index = 0; index < 10; index++) {
                if (index == 4) {
                    assertThatExceptionOfType(StoreException.Unavailable.class).isThrownBy(cursor::next);
                } else {
                    read.add(cursor.next());
                }
            }
        }

        // Then
        assertThat(read).hasSize(9).doesNotContain(chunks.get(4)).isSubsetOf(chunks);
    }

    @Test
    void onlyWhatIsRecycledIsReadIntoAgain(@SeededRandom Random random) {
        // Given records of all lengths, in any order, some wanted twice
        pack(200, 948);
        pack(20, 17_000);
        pack(5, 20_000);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            order.add(random.nextInt(requests.size()));
        }
        List<RecordRequest> wanted = order.stream().map(requests::get).toList();

        // When they are read twice, and all are kept until some are recycled
        Set<byte[]> used = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int round = 0; round < 2; round++) {
            try (RecordCursor cursor = new CoalescingCursor(storage, wanted, BOUNDS, arrays)) {
                int from = 0;
                List<StoredChunk> kept = new ArrayList<>();
                while (cursor.hasNext()) {
                    int length = cursor.nextLength();
                    StoredChunk chunk = cursor.next();
                    assertThat(chunk.storedLength()).isEqualTo(length);
                    kept.add(chunk);
                    used.add(chunk.stored().array());
                    if (random.nextInt(5) == 0 || !cursor.hasNext()) {
                        for (int i = 0; i < kept.size(); i++) {
                            assertThat(kept.get(i)).isEqualTo(chunks.get(order.get(from + i)));
                        }
                        from += kept.size();
                        kept.clear();
                        cursor.recycle();
                    }
                }
                assertThat(from).isEqualTo(order.size());
            }
        }

        // Then far fewer arrays were needed than reads
        assertThat(used).hasSizeLessThan(reads.size() / 2);

        // And none is used again that was not recycled
        assertThat(readAll(wanted, BOUNDS))
                .isEqualTo(order.stream().map(chunks::get).toList());
    }

    private void pack(int count, int length) {
        try (PackWriter writer = store.create(records.organisation(), records.pack())) {
            for (int index = 0; index < count; index++) {
                StoredChunk chunk = records.chunk(length);
                chunks.add(chunk);
                requests.add(new RecordRequest(writer.append(chunk), chunk.digest()));
            }
            writer.seal();
        }
    }

    private List<StoredChunk> readAll(List<RecordRequest> wanted, Bounds bounds) {
        try (RecordCursor cursor = new CoalescingCursor(storage, wanted, bounds, arrays)) {
            List<StoredChunk> read = new ArrayList<>();
            while (cursor.hasNext()) {
                read.add(cursor.next());
            }
            return read;
        }
    }
}
