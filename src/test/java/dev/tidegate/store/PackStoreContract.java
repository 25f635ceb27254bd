package dev.tidegate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link PackStore} has to do. A test of a kind of storage extends this. It is longer than a class should be
 * because it is one contract: a kind of storage passes all of it or is none.
 */
public abstract class PackStoreContract {

    protected final RecordGenerator records = new RecordGenerator(20_260_101);
    protected final OrganisationId organisation = records.organisation();

    /** A chunk and where it was appended. */
    protected record Written(RecordRequest request, StoredChunk chunk) {
        public RecordLocation location() {
            return request.location();
        }
    }

    /** The store under test, the same one during a test. */
    protected abstract PackStore store();

    /** The bytes of a pack as they are stored. */
    protected abstract byte[] bytes(PackId pack);

    /** Puts other bytes in the place of a pack's. */
    protected abstract void replace(PackId pack, byte[] bytes);

    @Test
    void everyKindAndCodecComesBackAsItWent() {
        // Given
        List<StoredChunk> chunks = new ArrayList<>();
        for (ChunkKind kind : ChunkKind.values()) {
            for (Codec codec : Codec.values()) {
                for (int length : List.of(1, 51, 70_000, StoredChunk.MAX_LENGTH)) {
                    chunks.add(records.chunk(kind, codec, length));
                }
            }
        }

        // When
        List<Written> written = write(chunks);

        // Then
        for (Written one : written) {
            assertThat(store().read(one.request())).isEqualTo(one.chunk());
        }
        assertThat(readAll(written)).isEqualTo(chunks);
    }

    @Test
    void appendingLeavesTheChunksBufferAlone() {
        // Given
        StoredChunk small = records.chunk(10);
        StoredChunk large = records.chunk(1 << 20);

        // When
        write(List.of(small, large));

        // Then
        assertThat(small.storedLength()).isEqualTo(10);
        assertThat(large.storedLength()).isEqualTo(1 << 20);
    }

    @Test
    void recordsAreReadInTheRequestedOrderFromManyPacks() {
        // Given
        List<Written> written = new ArrayList<>();
        for (int pack = 0; pack < 5; pack++) {
            written.addAll(write(records.chunks(60)));
        }
        written.addAll(written.subList(0, 100));
        Collections.shuffle(written, new Random(7));

        // When
        List<StoredChunk> read = readAll(written);

        // Then
        assertThat(read).isEqualTo(written.stream().map(Written::chunk).toList());
    }

    @Test
    void aCursorEndsAndGoesOnBehindAFailure() {
        // Given
        List<Written> written = write(List.of(records.chunk(10), records.chunk(20), records.chunk(30)));
        PackId unknown = records.pack();
        Written lost = written.get(1);
        RecordRequest gone = new RecordRequest(
                new RecordLocation(unknown, lost.location().offset(), 20),
                lost.chunk().digest());
        RecordRequest other =
                new RecordRequest(lost.location(), written.get(2).chunk().digest());

        // When
        try (RecordCursor cursor = store().readAll(List.of(
                written.get(0).request(), gone, other, written.get(2).request()))) {
            // Then
            assertThat(cursor.next()).isEqualTo(written.get(0).chunk());
            assertThatExceptionOfType(StoreException.NoSuchPack.class)
                    .isThrownBy(cursor::next)
                    .satisfies(failure -> assertThat(failure.pack()).isEqualTo(unknown));
            assertThatExceptionOfType(StoreException.CorruptRecord.class)
                    .isThrownBy(cursor::next)
                    .satisfies(failure -> {
                        assertThat(failure.pack()).isEqualTo(lost.location().pack());
                        assertThat(failure.offset()).isEqualTo(lost.location().offset());
                    });
            assertThat(cursor.next()).isEqualTo(written.get(2).chunk());
            assertThat(cursor.hasNext()).isFalse();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(cursor::next);
        }
    }

    @Test
    void aCommittedRecordIsReadableWhileThePackGrows() {
        // Given
        List<Written> written = new ArrayList<>();
        try (PackWriter writer = store().create(organisation, records.pack())) {
            for (int batch = 0; batch < 5 && !writer.isFinished(); batch++) {
                // When
                List<Written> appended = append(writer, records.chunks(10));
                writer.commit();
                written.addAll(appended);

                // Then
                assertThat(readAll(written))
                        .isEqualTo(written.stream().map(Written::chunk).toList());
            }
        }

        // Then
        assertThat(readAll(written)).hasSameSizeAs(written);
    }

    @Test
    void committingNothingAndSealingTwiceDoNothing() {
        // Given
        PackId pack = records.pack();
        try (PackWriter writer = store().create(organisation, pack)) {
            // When
            writer.commit();
            assertThat(writer.isFinished()).isFalse();
            append(writer, List.of(records.chunk(9)));
            writer.commit();
            writer.commit();
            writer.seal();
            long length = writer.length();
            writer.seal();

            // Then
            assertThat(writer.length()).isEqualTo(length).isEqualTo(bytes(pack).length);
            assertThat(writer.isFinished()).isTrue();
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> writer.append(records.chunk(1)));
        }
        assertThat(scan(pack, new ArrayList<>()).isSealed()).isTrue();
    }

    @Test
    void sealingCommits() {
        // Given
        List<Written> written;
        try (PackWriter writer = store().create(organisation, records.pack())) {
            written = append(writer, records.chunks(3));

            // When
            writer.seal();
        }

        // Then
        assertThat(readAll(written))
                .isEqualTo(written.stream().map(Written::chunk).toList());
    }

    @Test
    void anAbandonedPackKeepsWhatWasCommitted() {
        // Given
        PackWriter writer = store().create(organisation, records.pack());
        List<Written> committed = append(writer, records.chunks(3));
        writer.commit();
        assumeThat(writer.isFinished()).isFalse();
        append(writer, records.chunks(3));

        // When
        writer.close();
        writer.close();

        // Then
        List<Written> found = new ArrayList<>();
        PackScan scan = scan(writer.pack(), found);
        assertThat(found).isEqualTo(committed);
        assertThat(scan.ending()).isEqualTo(new PackScan.Unsealed());
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> writer.append(records.chunk(1)));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(writer::commit);
    }

    @Test
    void aPackOfWhichNothingWasCommittedLeavesNothing() {
        // Given
        PackId pack = records.pack();

        // When
        try (PackWriter writer = store().create(organisation, pack)) {
            writer.append(records.chunk(1000));
        }

        // Then
        assertThat(list()).isEmpty();
        assertThatExceptionOfType(StoreException.NoSuchPack.class).isThrownBy(() -> scan(pack, new ArrayList<>()));
    }

    @Test
    void aNameIsUsedOnce() {
        // Given
        List<Written> written = write(records.chunks(2));
        PackId pack = written.getFirst().location().pack();

        // When, Then
        assertThatExceptionOfType(StoreException.PackExists.class)
                .isThrownBy(() -> store().create(organisation, pack))
                .satisfies(failure -> assertThat(failure.pack()).isEqualTo(pack));
        assertThat(readAll(written)).hasSize(2);
    }

    @Test
    void whatIsNotThereIsNamed() {
        // Given
        PackId unknown = records.pack();
        Written written = write(List.of(records.chunk(100))).getFirst();
        PackId pack = written.location().pack();

        // When, Then
        assertThatExceptionOfType(StoreException.NoSuchPack.class)
                .isThrownBy(() ->
                        store().read(request(unknown, 56, 100, written.chunk().digest())));
        assertThatExceptionOfType(StoreException.NoSuchPack.class).isThrownBy(() -> scan(unknown, new ArrayList<>()));
        for (RecordRequest wrong : List.of(
                request(pack, 56, 101, written.chunk().digest()),
                request(pack, 57, 100, written.chunk().digest()),
                request(pack, 1_000_000_000_000L, 100, written.chunk().digest()),
                request(pack, 56, Integer.MAX_VALUE, written.chunk().digest()),
                request(pack, 56, 100, records.chunk(1).digest()))) {
            assertThatExceptionOfType(StoreException.CorruptRecord.class)
                    .as("%s", wrong)
                    .isThrownBy(() -> store().read(wrong));
            try (RecordCursor cursor = store().readAll(List.of(written.request(), wrong, written.request()))) {
                assertThat(cursor.next()).isEqualTo(written.chunk());
                assertThatExceptionOfType(StoreException.CorruptRecord.class).isThrownBy(cursor::next);
                assertThat(cursor.next()).isEqualTo(written.chunk());
            }
        }
    }

    @Test
    void noFlippedBitIsEverServed() {
        // Given
        List<Written> written =
                write(List.of(records.chunk(40), records.chunk(ChunkKind.DATA, Codec.NONE, 200), records.chunk(30)));
        RecordLocation victim = written.get(1).location();
        byte[] intact = bytes(victim.pack());

        for (int bit = 0; bit < 8 * (PackFormat.RECORD_HEADER_LENGTH + 200); bit++) {
            // When
            byte[] rotten = intact.clone();
            rotten[(int) victim.offset() + bit / 8] ^= (byte) (1 << bit % 8);
            replace(victim.pack(), rotten);

            // Then
            String flipped = "bit " + bit;
            assertThatExceptionOfType(StoreException.CorruptRecord.class)
                    .as(flipped)
                    .isThrownBy(() -> store().read(written.get(1).request()));
            try (RecordCursor cursor =
                    store().readAll(written.stream().map(Written::request).toList())) {
                assertThat(cursor.next()).isEqualTo(written.get(0).chunk());
                assertThatExceptionOfType(StoreException.CorruptRecord.class)
                        .as(flipped)
                        .isThrownBy(cursor::next);
                assertThat(cursor.next()).isEqualTo(written.get(2).chunk());
            }
            List<Written> found = new ArrayList<>();
            PackScan scan = scan(victim.pack(), found);
            assertThat(found).as(flipped).isEqualTo(written.subList(0, 1));
            assertThat(scan.ending()).as(flipped).isInstanceOf(PackScan.Torn.class);
            assertThat(scan.validLength()).as(flipped).isEqualTo(victim.offset());
        }
    }

    @Test
    void aRecordIsValidOnlyWhereItWasWritten() {
        // Given
        StoredChunk chunk = records.chunk(500);
        Written one = write(List.of(chunk, chunk)).getFirst();
        Written other = write(List.of(chunk, chunk)).getFirst();
        byte[] moved = bytes(one.location().pack());
        int from = (int) one.location().offset();
        int length = PackFormat.RECORD_HEADER_LENGTH + 500;

        // When the disk gives the one pack's block for the other's, and one record twice
        byte[] swapped = bytes(other.location().pack());
        System.arraycopy(moved, from, swapped, from, length);
        replace(other.location().pack(), swapped);
        System.arraycopy(moved, from, moved, from + length, length);
        replace(one.location().pack(), moved);

        // Then
        assertThatExceptionOfType(StoreException.CorruptRecord.class).isThrownBy(() -> store().read(other.request()));
        assertThat(store().read(one.request())).isEqualTo(chunk);
        assertThatExceptionOfType(StoreException.CorruptRecord.class)
                .isThrownBy(() -> store().read(request(one.location().pack(), from + length, 500, chunk.digest())));
    }

    @Test
    void everyFlippedBitOfAPacksHeaderIsNoticed() {
        // Given
        PackId pack = write(records.chunks(1)).getFirst().location().pack();
        byte[] intact = bytes(pack);

        for (int bit = 0; bit < 8 * PackFormat.HEADER_LENGTH; bit++) {
            // When
            byte[] rotten = intact.clone();
            rotten[bit / 8] ^= (byte) (1 << bit % 8);
            replace(pack, rotten);

            // Then
            assertThatExceptionOfType(StoreException.CorruptRecord.class)
                    .as("bit %s", bit)
                    .isThrownBy(() -> scan(pack, new ArrayList<>()))
                    .satisfies(failure -> assertThat(failure.offset()).isZero());
        }
    }

    @Test
    void aPackTornInItsLastRecordYieldsTheRecordsBefore() {
        // Given
        List<Written> written = write(List.of(records.chunk(100), records.chunk(60), records.chunk(150)));
        RecordLocation last = written.get(2).location();
        byte[] intact = bytes(last.pack());
        int end = (int) last.offset() + PackFormat.RECORD_HEADER_LENGTH + 150;

        for (int length = (int) last.offset(); length < end; length++) {
            // When
            replace(last.pack(), Arrays.copyOf(intact, length));

            // Then
            List<Written> found = new ArrayList<>();
            PackScan scan = scan(last.pack(), found);
            assertThat(found).as("cut at %s", length).isEqualTo(written.subList(0, 2));
            assertThat(scan.records()).isEqualTo(2);
            assertThat(scan.validLength()).isEqualTo(last.offset());
            assertThat(scan.length()).isEqualTo(length);
            // Cut just between two records it looks like a pack whose writer died between two batches.
            assertThat(scan.ending())
                    .isInstanceOf(length == last.offset() ? PackScan.Unsealed.class : PackScan.Torn.class);
            assertThat(list()).allMatch(summary -> !summary.sealed());
        }
    }

    @Test
    void aPackTornInItsTrailerIsNotSealed() {
        // Given
        List<Written> written = write(records.chunks(3));
        PackId pack = written.getFirst().location().pack();
        byte[] intact = bytes(pack);
        int end = intact.length - PackFormat.TRAILER_LENGTH;

        for (int length = end; length < intact.length; length++) {
            // When
            replace(pack, Arrays.copyOf(intact, length));

            // Then
            List<Written> found = new ArrayList<>();
            PackScan scan = scan(pack, found);
            assertThat(found).as("cut at %s", length).isEqualTo(written);
            assertThat(scan.validLength()).isEqualTo(end);
            assertThat(scan.ending()).isInstanceOf(length == end ? PackScan.Unsealed.class : PackScan.Torn.class);
            assertThat(list()).containsExactly(new PackSummary(pack, length, false));
        }
        for (int bit = 8 * end; bit < 8 * intact.length; bit++) {
            // When
            byte[] rotten = intact.clone();
            rotten[bit / 8] ^= (byte) (1 << bit % 8);
            replace(pack, rotten);

            // Then
            assertThat(scan(pack, new ArrayList<>()).ending()).isInstanceOf(PackScan.Torn.class);
            assertThat(list()).containsExactly(new PackSummary(pack, intact.length, false));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 24, 51, 52, 53, 5000})
    void bytesBehindTheTailAreNoRecords(int count) {
        // Given
        List<Written> written = write(records.chunks(3));
        PackId pack = written.getFirst().location().pack();
        byte[] intact = bytes(pack);
        byte[] garbage = new byte[count];
        for (boolean zeros : new boolean[] {true, false}) {
            for (int end : new int[] {intact.length, intact.length - PackFormat.TRAILER_LENGTH}) {
                if (!zeros) {
                    records.random().nextBytes(garbage);
                }

                // When
                byte[] longer = Arrays.copyOf(intact, end + count);
                System.arraycopy(garbage, 0, longer, end, count);
                replace(pack, longer);

                // Then
                List<Written> found = new ArrayList<>();
                PackScan scan = scan(pack, found);
                assertThat(found).isEqualTo(written);
                assertThat(scan.validLength()).isEqualTo(end);
                assertThat(scan.length()).isEqualTo(end + count);
                assertThat(scan.ending()).isInstanceOf(PackScan.Torn.class);
                assertThat(list()).containsExactly(new PackSummary(pack, end + count, false));
            }
        }
    }

    @Test
    void aTrailerOfOtherRecordsDoesNotSeal() {
        // Given
        List<Written> written = write(List.of(records.chunk(100), records.chunk(100)));
        PackId pack = written.getFirst().location().pack();
        byte[] intact = bytes(pack);
        int end = intact.length - PackFormat.TRAILER_LENGTH;
        ByteBuffer trailer = ByteBuffer.wrap(intact).position(end);
        PackFormat.putTrailer(trailer, pack, new PackFormat.Trailer(1, end, 4711));

        // When
        replace(pack, intact);

        // Then
        assertThat(scan(pack, new ArrayList<>()).ending())
                .isEqualTo(new PackScan.Torn("the trailer does not agree with the records"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anIndexCanBeRebuiltFromPacksAlone(long seed) {
        // Given
        RecordGenerator random = new RecordGenerator(seed);
        Map<Digest, Written> index = new HashMap<>();
        Map<PackId, OrganisationId> organisations = new HashMap<>();
        for (int count = 1 + random.random().nextInt(4); count > 0; count--) {
            PackId pack = random.pack();
            OrganisationId owner = random.organisation();
            organisations.put(pack, owner);
            try (PackWriter writer = store().create(owner, pack)) {
                for (int batch = 1 + random.random().nextInt(4); batch > 0 && !writer.isFinished(); batch--) {
                    List<Written> appended =
                            append(writer, random.chunks(1 + random.random().nextInt(20)));
                    writer.commit();
                    appended.forEach(one -> index.put(one.chunk().digest(), one));
                }
                if (random.random().nextBoolean()) {
                    writer.seal();
                }
            }
        }

        // When
        Map<Digest, Written> rebuilt = new HashMap<>();
        for (PackSummary summary : list()) {
            PackScan scan = store().scan(summary.pack(), (header, location, chunk) -> {
                assertThat(header.organisation()).as("%s", random).isEqualTo(organisations.get(summary.pack()));
                rebuilt.put(chunk.digest(), new Written(new RecordRequest(location, chunk.digest()), copy(chunk)));
            });
            assertThat(scan.isSealed()).as("%s", random).isEqualTo(summary.sealed());
            assertThat(scan.validLength()).as("%s", random).isEqualTo(summary.length());
        }

        // Then
        assertThat(rebuilt).as("%s", random).isEqualTo(index);
    }

    @Test
    void whatAVisitorThrowsReachesTheCaller() {
        // Given
        PackId pack = write(records.chunks(3)).getFirst().location().pack();
        IllegalStateException enough = new IllegalStateException("enough");

        // When, Then
        assertThatCode(() -> store().scan(pack, (header, location, chunk) -> {
                    throw enough;
                }))
                .isSameAs(enough);
    }

    @Test
    void packsAreListedUntilTheyAreDeleted() {
        // Given
        List<Written> one = write(records.chunks(3));
        List<Written> two = write(records.chunks(3));
        PackId deleted = one.getFirst().location().pack();
        PackId kept = two.getFirst().location().pack();
        assertThat(list())
                .containsExactlyInAnyOrder(
                        new PackSummary(deleted, bytes(deleted).length, true),
                        new PackSummary(kept, bytes(kept).length, true));

        // When
        store().delete(deleted);
        store().delete(deleted);
        store().delete(records.pack());

        // Then
        assertThat(list()).containsExactly(new PackSummary(kept, bytes(kept).length, true));
        assertThatExceptionOfType(StoreException.NoSuchPack.class)
                .isThrownBy(() -> store().read(one.getFirst().request()));
        assertThat(readAll(two)).hasSize(3);
    }

    @Test
    void aPackCanBeDeletedWhileItIsRead() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            for (int round = 0; round < 20; round++) {
                // Given
                List<Written> written = write(List.of(records.chunk(100), records.chunk(5000)));
                CountDownLatch reading = new CountDownLatch(3);
                List<Future<Integer>> readers = new ArrayList<>();
                for (int reader = 0; reader < 3; reader++) {
                    readers.add(threads.submit(() -> readUntilDeleted(written, reading)));
                }
                reading.await();

                // When
                store().delete(written.getFirst().location().pack());

                // Then
                for (Future<Integer> reader : readers) {
                    assertThat(reader.get()).isPositive();
                }
            }
        }
    }

    private int readUntilDeleted(List<Written> written, CountDownLatch reading) {
        for (int reads = 0; ; reads++) {
            for (Written one : written) {
                try {
                    assertThat(store().read(one.request())).isEqualTo(one.chunk());
                } catch (StoreException.NoSuchPack deleted) {
                    return reads;
                }
            }
            if (reads == 0) {
                reading.countDown();
            }
        }
    }

    @Test
    void writersDoNotDisturbEachOther() throws Exception {
        // Given
        List<Future<List<Written>>> writers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            // When
            for (int thread = 0; thread < 4; thread++) {
                RecordGenerator random = new RecordGenerator(thread);
                writers.add(threads.submit(() -> {
                    List<Written> written = new ArrayList<>();
                    for (int pack = 0; pack < 5; pack++) {
                        written.addAll(write(random.pack(), random.chunks(20)));
                    }
                    return written;
                }));
            }

            // Then
            for (Future<List<Written>> writer : writers) {
                assertThat(readAll(writer.get()))
                        .isEqualTo(writer.get().stream().map(Written::chunk).toList());
            }
        }
        assertThat(list()).hasSize(20).allMatch(PackSummary::sealed);
    }

    @Test
    void anInterruptedReaderBreaksNobody() throws Exception {
        // Given
        List<Written> written = write(records.chunks(50));
        List<StoredChunk> chunks = written.stream().map(Written::chunk).toList();
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger rounds = new AtomicInteger();
        AtomicInteger interrupts = new AtomicInteger();
        List<Future<?>> readers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Thread> victims = Collections.synchronizedList(new ArrayList<>());
            CountDownLatch started = new CountDownLatch(2);
            for (int reader = 0; reader < 3; reader++) {
                boolean victim = reader < 2;
                readers.add(threads.submit(() -> {
                    if (victim) {
                        victims.add(Thread.currentThread());
                        started.countDown();
                    }
                    while (!done.get()) {
                        assertThat(readAll(written)).isEqualTo(chunks);
                        assertThat(scan(written.getFirst().location().pack(), new ArrayList<>())
                                        .isSealed())
                                .isTrue();
                        if (Thread.interrupted()) {
                            interrupts.incrementAndGet();
                        }
                        rounds.incrementAndGet();
                    }
                }));
            }
            started.await();

            // When
            while (rounds.get() < 100 && readers.stream().noneMatch(Future::isDone)) {
                victims.forEach(Thread::interrupt);
                Thread.onSpinWait();
            }
            done.set(true);

            // Then
            for (Future<?> reader : readers) {
                reader.get();
            }
        }
        assertThat(interrupts).hasPositiveValue();
    }

    @Test
    void aReadyStoreIsWritable() {
        assertThatCode(store()::checkWritable).doesNotThrowAnyException();
        assertThat(store().usableSpace()).isPositive();
        assertThat(store().batching().bytes()).isPositive();
        assertThat(list()).isEmpty();
    }

    @Test
    void aClosedStoreReadsNothing() {
        // Given
        List<Written> written = write(records.chunks(2));
        store().read(written.getFirst().request());

        // When
        store().close();
        store().close();

        // Then
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> store().read(written.getFirst().request()));
    }

    protected final RecordRequest request(PackId pack, long offset, int storedLength, Digest digest) {
        return new RecordRequest(new RecordLocation(pack, offset, storedLength), digest);
    }

    /** Writes a sealed pack. */
    protected final List<Written> write(List<StoredChunk> chunks) {
        return write(records.pack(), chunks);
    }

    protected final List<Written> write(PackId pack, List<StoredChunk> chunks) {
        try (PackWriter writer = store().create(organisation, pack)) {
            List<Written> written = append(writer, chunks);
            writer.commit();
            writer.seal();
            return written;
        }
    }

    protected static List<Written> append(PackWriter writer, List<StoredChunk> chunks) {
        List<Written> written = new ArrayList<>();
        for (StoredChunk chunk : chunks) {
            RecordLocation location = writer.append(chunk);
            assertThat(location.pack()).isEqualTo(writer.pack());
            written.add(new Written(new RecordRequest(location, chunk.digest()), chunk));
        }
        return written;
    }

    protected final List<StoredChunk> readAll(List<Written> written) {
        try (RecordCursor cursor =
                store().readAll(written.stream().map(Written::request).toList())) {
            List<StoredChunk> chunks = new ArrayList<>();
            while (cursor.hasNext()) {
                chunks.add(cursor.next());
            }
            return chunks;
        }
    }

    protected final PackScan scan(PackId pack, List<Written> found) {
        return store().scan(pack, (header, location, chunk) -> {
            assertThat(header.pack()).isEqualTo(pack);
            assertThat(header.organisation()).isEqualTo(organisation);
            found.add(new Written(new RecordRequest(location, chunk.digest()), copy(chunk)));
        });
    }

    protected final List<PackSummary> list() {
        try (Stream<PackSummary> packs = store().list()) {
            return packs.toList();
        }
    }

    private static StoredChunk copy(StoredChunk chunk) {
        ByteBuffer bytes = ByteBuffer.allocate(chunk.storedLength());
        bytes.put(chunk.stored().duplicate()).flip();
        return new StoredChunk(chunk.digest(), chunk.kind(), chunk.codec(), chunk.length(), bytes);
    }
}
