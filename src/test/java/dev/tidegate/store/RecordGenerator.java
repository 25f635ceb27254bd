package dev.tidegate.store;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Makes chunks and names for the tests of packs, the same ones for the same seed. */
public final class RecordGenerator {

    private final long seed;
    private final RandomGenerator random;

    public RecordGenerator(long seed) {
        this.seed = seed;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    public RandomGenerator random() {
        return random;
    }

    public OrganisationId organisation() {
        return new OrganisationId(new UUID(random.nextLong(), random.nextLong()));
    }

    /** A UUIDv7 of a random time. */
    public PackId pack() {
        long high = (random.nextLong() & ~0xf000L) | 0x7000L;
        return new PackId(new UUID(high, (random.nextLong() >>> 2) | Long.MIN_VALUE));
    }

    /** A chunk of the given form with random bytes, on the heap or outside of it; stores as many as it holds. */
    public StoredChunk chunk(ChunkKind kind, Codec codec, int storedLength) {
        byte[] bytes = new byte[storedLength];
        random.nextBytes(bytes);
        int length = codec == Codec.NONE
                ? storedLength
                : Math.min(StoredChunk.MAX_LENGTH, storedLength + random.nextInt(1000));
        // At a position of its own, as it comes out of a larger message.
        int before = random.nextInt(5);
        ByteBuffer buffer = random.nextBoolean()
                ? ByteBuffer.allocate(before + storedLength + 3)
                : ByteBuffer.allocateDirect(before + storedLength + 3);
        buffer.put(before, bytes).limit(before + storedLength).position(before);
        return new StoredChunk(Digest.of(bytes, 0, storedLength), kind, codec, length, buffer.slice());
    }

    /** A chunk of any form. */
    public StoredChunk chunk(int storedLength) {
        return chunk(ChunkKind.ofCode(1 + random.nextInt(3)), Codec.ofCode(random.nextInt(4)), storedLength);
    }

    /** Chunks of any form: most of them small, some as long as they may be. */
    public List<StoredChunk> chunks(int count) {
        List<StoredChunk> chunks = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            int bits = 1 + random.nextInt(21);
            chunks.add(chunk(1 + random.nextInt(1 << bits)));
        }
        return chunks;
    }

    @Override
    public String toString() {
        return "seed " + seed;
    }
}
