package dev.tidegate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codecs;
import dev.tidegate.content.Delta;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.testing.SeededRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A store of which some records are deltas; and beside that, as the contract says, any other. */
class DeltaPackStoreTest extends PackStoreContract {

    private static final Codecs CODECS = new Codecs();

    private final InMemoryPackStore packs = InMemoryPackStore.likeFiles();
    private final DeltaPackStore store = new DeltaPackStore(packs);

    @Override
    protected PackStore store() {
        return store;
    }

    @Override
    protected byte[] bytes(PackId pack) {
        return packs.bytes(pack);
    }

    @Override
    protected void replace(PackId pack, byte[] bytes) {
        packs.replace(pack, bytes);
    }

    /** A chunk, and how it is read. */
    private record Stored(RecordRequest request, ByteBuffer plaintext) {}

    @Test
    void deltasAreReadAsTheChunksThatTheyStandFor(@SeededRandom Random random) {
        // Given: bases, compressed ones too, and some deltas of each, in an order of their own
        List<Stored> all = someOfEach(random);
        Collections.shuffle(all, random);

        // When, then: one by one
        for (Stored one : all) {
            assertHolds(store.read(one.request), one);
        }

        // and together, of which each said before how much it would be
        try (RecordCursor cursor =
                store.readAll(all.stream().map(Stored::request).toList())) {
            for (Stored one : all) {
                int announced = cursor.nextLength();
                StoredChunk chunk = cursor.next();
                assertHolds(chunk, one);
                assertThat(announced).isEqualTo(chunk.storedLength());
                if (random.nextInt(5) == 0) {
                    cursor.recycle();
                }
            }
            assertThat(cursor.hasNext()).isFalse();
        }
    }

    @Test
    void aBaseThatIsDamagedTakesItsDeltasWithItAndNothingElse(@SeededRandom Random random) {
        // Given
        List<Stored> all = someOfEach(random);
        Stored base = all.getFirst();
        byte[] bytes = packs.bytes(base.request.location().pack()).clone();
        bytes[(int) base.request.location().offset() + PackFormat.RECORD_HEADER_LENGTH] ^= 1;
        packs.replace(base.request.location().pack(), bytes);

        // When, then
        try (RecordCursor cursor =
                store.readAll(all.stream().map(Stored::request).toList())) {
            for (Stored one : all) {
                if (one.request.equals(base.request)
                        || one.request.delta().map(RecordRequest.OfDelta::base).equals(Optional.of(base.request))) {
                    assertThatExceptionOfType(StoreException.CorruptRecord.class)
                            .isThrownBy(cursor::next);
                    assertThatExceptionOfType(StoreException.CorruptRecord.class)
                            .isThrownBy(() -> store.read(one.request));
                } else {
                    assertHolds(cursor.next(), one);
                }
            }
        }
    }

    @Test
    void aRecordThatIsNoDeltaOfThatBaseIsRefused(@SeededRandom Random random) {
        // Given
        List<Stored> all = someOfEach(random);
        Stored base = all.getFirst();
        Stored other = all.stream()
                .filter(one -> one.request.delta().isPresent())
                .filter(one -> !one.request.delta().get().base().equals(base.request))
                .findFirst()
                .orElseThrow();

        // When, then
        for (RecordRequest wrong : List.of(of(base.request, base), of(other.request, base))) {
            assertThatExceptionOfType(StoreException.CorruptRecord.class)
                    .isThrownBy(() -> store.read(wrong))
                    .withMessageContaining("delta");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> of(base.request, other));
    }

    private static RecordRequest of(RecordRequest request, Stored base) {
        return new RecordRequest(
                request.location(), request.digest(), Optional.of(new RecordRequest.OfDelta(base.request, 1)));
    }

    private List<Stored> someOfEach(Random random) {
        List<StoredChunk> chunks = new ArrayList<>();
        List<byte[]> plaintexts = new ArrayList<>();
        List<Integer> bases = new ArrayList<>();
        for (int number = 0; number < 20; number++) {
            byte[] base = new byte[2_000 + random.nextInt(30_000)];
            random.nextBytes(base);
            if (number % 2 == 0) {
                Arrays.fill(base, 0, base.length / 2, (byte) number);
            }
            int at = chunks.size();
            chunks.add(CODECS.encode(Digest.of(base, 0, base.length), ChunkKind.DATA, base, 0, base.length));
            plaintexts.add(base);
            bases.add(-1);
            for (int delta = random.nextInt(4); delta > 0; delta--) {
                byte[] plaintext = base.clone();
                plaintext[random.nextInt(base.length)] ^= (byte) delta;
                Digest digest = Digest.of(plaintext, 0, plaintext.length);
                chunks.add(Delta.encode(
                                CODECS.encode(digest, ChunkKind.DATA, plaintext, 0, plaintext.length),
                                chunks.get(at),
                                0,
                                1_000)
                        .orElseThrow());
                plaintexts.add(plaintext);
                bases.add(at);
            }
        }
        List<Written> written = write(chunks);
        List<Stored> all = new ArrayList<>();
        for (int i = 0; i < chunks.size(); i++) {
            RecordRequest request = written.get(i).request();
            all.add(new Stored(
                    bases.get(i) < 0
                            ? request
                            : new RecordRequest(
                                    request.location(),
                                    request.digest(),
                                    Optional.of(new RecordRequest.OfDelta(
                                            written.get(bases.get(i)).request(), plaintexts.get(i).length))),
                    ByteBuffer.wrap(plaintexts.get(i))));
        }
        return all;
    }

    private static void assertHolds(StoredChunk chunk, Stored one) {
        assertThat(CODECS.decode(chunk)).isEqualTo(one.plaintext);
    }
}
