package dev.tidegate.content;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A chunk as what it has other than another chunk, its <em>base</em>: {@link Codec#DELTA}. A file that is edited in place, or
 * appended to, gives chunks most of whose bytes stand at the same place of the file as before.
 *
 * <p>As in VCDIFF (RFC 3284) a delta is a row of copies and additions. It is narrower: all copies are along one diagonal, the
 * base's {@linkplain DeltaBase#shift shift}, so that finding them is comparing, at the speed of memory, and not searching.
 * What is added may be compressed as a chunk is. The form is in {@code docs/formats/pack.md}.
 *
 * <p>A base is never a delta itself: to read a chunk takes two records at most.
 */
public final class Delta {

    /** The digest, the shift, and the codec of what is added. */
    private static final int FIXED = Digest.BYTES + Integer.BYTES + 1;

    /** Of a chunk at least this part is copied, or nothing is saved that is worth the rest: an eighth. */
    private static final int LEAST_COPIED = 8;

    /** A shorter copy costs about what it saves. */
    private static final int SHORTEST_COPY = 32;

    /** The longest number of 7 bits a byte that is below 2^28, as every length of a chunk is. */
    private static final int LONGEST_NUMBER = 4;

    private static final Codecs CODECS = new Codecs();

    private Delta() {}

    /**
     * Returns a chunk as a delta. The base is verified if anything comes of it; the chunk is taken to be.
     *
     * @param chunk as it would be stored otherwise; where it is compressed, what is added is as well if that helps
     * @param base not a delta
     * @param shift as in {@link DeltaBase}: what the two have in common is looked for along it alone
     * @param most the most bytes that the delta may store
     * @return empty if it would store more, or little of the chunk is in the base
     * @throws ChunkException if one of them does not decode, or the base is not what its digest names
     */
    public static Optional<StoredChunk> encode(StoredChunk chunk, StoredChunk base, int shift, int most) {
        if (most <= FIXED) {
            return Optional.empty();
        }
        Runs runs = new Runs(CODECS.expand(chunk), CODECS.expand(base), shift);
        runs.find();
        int copied = chunk.length() - runs.added;
        if (copied < chunk.length() / LEAST_COPIED || FIXED + runs.numbers.position() > most) {
            return Optional.empty();
        }
        StoredChunk added = runs.added(chunk);
        int addedLength = added == null ? 0 : added.storedLength();
        int length = FIXED + runs.numbers.position() + addedLength;
        if (length > Math.min(most, chunk.length())) {
            return Optional.empty();
        }
        CODECS.verify(base);
        ByteBuffer stored = ByteBuffer.allocate(length);
        base.digest().put(stored);
        stored.putInt(shift);
        stored.put((byte) (added == null ? Codec.NONE : added.codec()).code());
        stored.put(runs.numbers.flip());
        if (added != null) {
            stored.put(added.stored().duplicate());
        }
        return Optional.of(new StoredChunk(chunk.digest(), chunk.kind(), Codec.DELTA, chunk.length(), stored.flip()));
    }

    /**
     * Tells what a delta's base is.
     *
     * @throws ChunkException.Undecodable if the stored bytes are no delta
     */
    public static DeltaBase base(StoredChunk delta) {
        if (delta.codec() != Codec.DELTA) {
            throw new IllegalArgumentException("chunk " + delta.digest() + " is no delta but " + delta.codec());
        }
        ByteBuffer stored = delta.stored();
        if (stored.remaining() < FIXED) {
            throw new ChunkException.Undecodable(
                    delta.digest(), "a delta has " + FIXED + " bytes at least, this one " + stored.remaining());
        }
        int start = stored.position();
        return new DeltaBase(Digest.read(stored, start), stored.getInt(start + Digest.BYTES));
    }

    /**
     * Makes of a delta the chunk itself. Its plaintext is not hashed: who receives it does that.
     *
     * @param base the chunk that {@link #base} names, in any codec but {@link Codec#DELTA}
     * @return the same chunk under {@link Codec#NONE}, with bytes of its own
     * @throws ChunkException.Undecodable if the stored bytes are no delta that gives the declared length, or {@code base} is
     *     not its base, or does not decode itself
     */
    public static StoredChunk resolve(StoredChunk delta, StoredChunk base) {
        DeltaBase named = base(delta);
        if (!named.digest().equals(base.digest()) || base.codec() == Codec.DELTA) {
            throw new ChunkException.Undecodable(
                    delta.digest(),
                    "it is a delta of " + named.digest() + ", not of " + base.digest() + " under " + base.codec());
        }
        byte[] plaintext = new Resolution(delta, named.shift(), CODECS.expand(base)).run();
        return new StoredChunk(delta.digest(), delta.kind(), Codec.NONE, delta.length(), ByteBuffer.wrap(plaintext));
    }

    /** Finds what two chunks have in common along a diagonal. */
    private static final class Runs {

        private final ByteBuffer chunk;
        private final ByteBuffer base;
        private final int shift;

        /** What of the chunk the base reaches along. */
        private final int first;

        private final int end;

        /** How many bytes are copied, then how many are added, and so on to the end of the chunk. */
        private ByteBuffer numbers = ByteBuffer.allocate(256);

        private final byte[] additions;
        private int added;

        Runs(ByteBuffer chunk, ByteBuffer base, int shift) {
            this.chunk = chunk.slice();
            this.base = base.slice();
            this.shift = shift;
            this.first = (int) Math.clamp(-(long) shift, 0, this.chunk.limit());
            this.end = (int) Math.clamp((long) this.base.limit() - shift, first, this.chunk.limit());
            this.additions = new byte[this.chunk.limit()];
        }

        void find() {
            int done = 0;
            int at = first;
            while (at + Long.BYTES <= end) {
                if (chunk.getLong(at) != base.getLong(at + shift)) {
                    at += Long.BYTES;
                    continue;
                }
                int from = at;
                while (from > Math.max(done, first) && chunk.get(from - 1) == base.get(from - 1 + shift)) {
                    from--;
                }
                int equal = chunk.slice(at, end - at).mismatch(base.slice(at + shift, end - at));
                int to = equal < 0 ? end : at + equal;
                if (to - from >= SHORTEST_COPY) {
                    // The copy before has been written with what is added behind it.
                    add(done, from);
                    put(to - from);
                    done = to;
                }
                at = to + 1;
            }
            if (done < chunk.limit()) {
                add(done, chunk.limit());
            }
        }

        /** Writes that the chunk's bytes in a range are added. The first number of all is that of a copy. */
        private void add(int from, int to) {
            if (numbers.position() == 0) {
                if (from == to) {
                    return;
                }
                put(0);
            }
            chunk.get(from, additions, added, to - from);
            added += to - from;
            put(to - from);
        }

        private void put(int number) {
            if (numbers.remaining() < LONGEST_NUMBER) {
                numbers = ByteBuffer.allocate(2 * numbers.capacity()).put(numbers.flip());
            }
            int rest = number;
            while (rest >= 0x80) {
                numbers.put((byte) (rest | 0x80));
                rest >>>= 7;
            }
            numbers.put((byte) rest);
        }

        /** What is added, in the form of a chunk; null if that is nothing. */
        @Nullable
        StoredChunk added(StoredChunk whole) {
            if (added == 0) {
                return null;
            }
            return whole.codec() == Codec.NONE
                    ? new StoredChunk(
                            whole.digest(), whole.kind(), Codec.NONE, added, ByteBuffer.wrap(additions, 0, added))
                    : CODECS.encode(whole.digest(), whole.kind(), additions, 0, added);
        }
    }

    /** Puts a chunk together again. */
    private static final class Resolution {

        private final StoredChunk delta;
        private final int shift;
        private final ByteBuffer base;

        /** The numbers and what is added; read from its position on. */
        private final ByteBuffer rest;

        Resolution(StoredChunk delta, int shift, ByteBuffer base) {
            this.delta = delta;
            this.shift = shift;
            this.base = base;
            this.rest = delta.stored().slice(delta.stored().position() + FIXED, delta.storedLength() - FIXED);
        }

        byte[] run() {
            ByteBuffer numbers = rest.duplicate();
            ByteBuffer added = added(skip());
            byte[] plaintext = new byte[delta.length()];
            int at = 0;
            for (boolean copy = true; at < plaintext.length; copy = !copy) {
                int length = number(numbers);
                if (copy) {
                    copy(plaintext, at, length);
                } else {
                    added.get(plaintext, at, length);
                }
                at += length;
            }
            return plaintext;
        }

        private void copy(byte[] plaintext, int at, int length) {
            long from = (long) at + shift;
            if (length > 0 && (from < 0 || from + length > base.limit())) {
                throw undecodable("it copies " + length + " bytes from " + from + " of a base of " + base.limit());
            }
            if (length > 0) {
                base.get((int) from, plaintext, at, length);
            }
        }

        /** Reads all numbers, and returns how many bytes are added. */
        private int skip() {
            int length = 0;
            int added = 0;
            for (boolean copy = true; length < delta.length(); copy = !copy) {
                int number = number(rest);
                if (number > delta.length() - length) {
                    throw undecodable("its runs are longer than the " + delta.length() + " bytes that it declares");
                }
                length += number;
                added += copy ? 0 : number;
            }
            return added;
        }

        private int number(ByteBuffer from) {
            int number = 0;
            for (int i = 0; i < LONGEST_NUMBER && from.hasRemaining(); i++) {
                int bits = from.get();
                number |= (bits & 0x7f) << (7 * i);
                if (bits >= 0) {
                    return number;
                }
            }
            throw undecodable("it ends within its runs");
        }

        private ByteBuffer added(int length) {
            int code = delta.stored().get(delta.stored().position() + FIXED - 1);
            if (length == 0) {
                if (rest.hasRemaining() || code != Codec.NONE.code()) {
                    throw undecodable("it has bytes that nothing is made of");
                }
                return rest;
            }
            if (code < 0 || code >= Codec.DELTA.code()) {
                throw undecodable("no codec for what it adds has the code " + code);
            }
            return CODECS.expand(
                    new StoredChunk(delta.digest(), delta.kind(), Codec.ofCode(code), length, rest.slice()));
        }

        private ChunkException.Undecodable undecodable(String why) {
            return new ChunkException.Undecodable(delta.digest(), why);
        }
    }
}
