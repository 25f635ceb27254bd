package dev.tidegate.content;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Objects;

/**
 * Finds content-defined chunk boundaries: a pure function of the bytes, the profile and the seed.
 *
 * <p>FastCDC 2020 (Xia et al., <i>The Design of Fast Content-Defined Chunking for Data Deduplication Based Storage
 * Systems</i>, IEEE TPDS 31(9), 2020) with normalisation level 2 and two bytes a step. Gives the cut points of the test
 * vectors of the Bazel remote-execution API, and so of their reference implementations.
 *
 * <p>The rolling hash starts at zero where a chunk may first end, at its minimum length, and takes in a byte by {@code
 * hash = 2 * hash + gear[byte]} modulo 2<sup>64</sup>; {@code gear[b]} is the first eight bytes of the MD5 (RFC 1321) of
 * 64 bytes {@code b}, read big-endian and combined with the seed by exclusive or. A chunk ends <em>before</em> the
 * first byte after which the hash has zeros at all bits of the mask: a strict mask before the average length, a lax one
 * from there. A chunk that finds no such byte ends at the maximum length.
 *
 * <p>Immutable, hence safe to share among threads.
 */
public final class Chunker {

    /**
     * Where the next chunk ends.
     *
     * @param length the length of the chunk in bytes, or 0 if the bytes at hand do not decide it
     * @param fingerprint the hash at the boundary as the published vectors state it: with an even {@code length} it has
     *     been shifted by one bit more. 0 for a chunk that was not scanned because it does not exceed the minimum
     */
    public record Boundary(int length, long fingerprint) {}

    /**
     * The mask for each logarithm of the expected distance between cut points, from 2^8 on. The bits are spread so that
     * the hash window of 64 bytes takes part evenly (section 3.3 of the paper); these positions are those of the
     * authors' and of the reference implementations, and a change to one bit would move every boundary.
     */
    private static final long[] MASKS = {
        0x0000_0018_0003_5300L, // 2^8
        0x0000_0190_0035_3000L,
        0x0000_5900_0353_0000L,
        0x0000_d900_0353_0000L,
        0x0000_d901_0353_0000L, // 2^12
        0x0000_d903_0353_0000L,
        0x0000_d903_1353_0000L,
        0x0000_d90f_0353_0000L,
        0x0000_d903_0353_7000L, // 2^16
        0x0000_d907_0353_7000L,
        0x0000_d907_0753_7000L,
        0x0000_d917_0753_7000L,
        0x0000_d917_4753_7000L, // 2^20
        0x0000_d917_6753_7000L,
    };

    private static final int MASKS_FROM_LOGARITHM = 8;

    private static final int GEARS = 1 << Byte.SIZE;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    private static final long[] GEAR = gear();

    private final ChunkingProfile profile;
    private final long strictMask;
    private final long laxMask;
    private final long[] gear;
    private final long[] shiftedGear;

    /** Creates the chunker of {@code profile} without a seed. */
    public Chunker(ChunkingProfile profile) {
        this(profile, 0);
    }

    /** Creates the chunker of {@code profile}; each {@code seed} cuts elsewhere. */
    public Chunker(ChunkingProfile profile, long seed) {
        this.profile = profile;
        int logarithm = Integer.numberOfTrailingZeros(profile.averageLength());
        strictMask = MASKS[logarithm + ChunkingProfile.NORMALISATION - MASKS_FROM_LOGARITHM];
        laxMask = MASKS[logarithm - ChunkingProfile.NORMALISATION - MASKS_FROM_LOGARITHM];
        gear = new long[GEARS];
        shiftedGear = new long[GEARS];
        for (int value = 0; value < GEARS; value++) {
            gear[value] = GEAR[value] ^ seed;
            shiftedGear[value] = gear[value] << 1;
        }
    }

    /** The lengths that this chunker keeps to. */
    public ChunkingProfile profile() {
        return profile;
    }

    /**
     * Returns the length of the chunk that starts at {@code offset}, or 0 if it takes bytes beyond {@code limit} to know.
     * It never returns 0 if {@code endOfInput} and there is a byte, nor if there are {@code profile().maxLength()} bytes;
     * a length that it returns holds whatever bytes follow.
     *
     * @param data holds the bytes
     * @param offset where the chunk starts
     * @param limit where the bytes at hand end
     * @param endOfInput whether the input ends at {@code limit}
     * @throws IndexOutOfBoundsException if {@code offset} to {@code limit} is not within {@code data}
     */
    public int cut(byte[] data, int offset, int limit, boolean endOfInput) {
        Objects.checkFromToIndex(offset, limit, data.length);
        int available = Math.min(limit - offset, profile.maxLength());
        boolean decidesAll = endOfInput || available == profile.maxLength();
        if (available <= profile.minLength()) {
            return endOfInput ? available : 0;
        }
        int from = offset + profile.minLength();
        int centre = offset + Math.min(available, profile.averageLength());
        int end = offset + available;
        int found = scan(data, from, centre, strictMask, 0);
        if (found < 0) {
            found = scan(data, centre, end, laxMask, hash(data, from, centre));
        }
        if (found >= 0) {
            return found - offset;
        }
        return decidesAll ? available : 0;
    }

    /** As {@link #cut}, and tells the fingerprint too; for those who compare with published vectors. */
    public Boundary boundary(byte[] data, int offset, int limit, boolean endOfInput) {
        int length = cut(data, offset, limit, endOfInput);
        int from = offset + profile.minLength();
        int end = offset + length;
        if (end < from || (end == from && end == limit)) {
            return new Boundary(length, 0);
        }
        boolean found = length < profile.maxLength() && end < limit;
        if (!found) {
            return new Boundary(length, hash(data, from, end - length % 2));
        }
        // The byte after the chunk made the cut. As the first of a step it came in with the shifted gear.
        long fingerprint = length % 2 == 0
                ? (hash(data, from, end) << 2) + shiftedGear[data[end] & 0xff]
                : hash(data, from, end + 1);
        return new Boundary(length, fingerprint);
    }

    /**
     * Returns the index of the first byte from {@code from} to {@code to}, in steps of two, after which the hash has
     * zeros under {@code mask}, or -1.
     */
    private int scan(byte[] data, int from, int to, long mask, long hashBefore) {
        long[] first = shiftedGear;
        long[] second = gear;
        if (first.length != GEARS || second.length != GEARS) {
            // Never so. Said here, it spares each step two checks of bounds: an executable cuts 1.7 times as fast.
            throw new AssertionError("there is a gear for each byte");
        }
        long shiftedMask = mask << 1;
        long hash = hashBefore;
        int index = from;
        // Four steps of what stands below from one read: an executable cuts 1.25 times as fast, the JVM as before.
        for (; index <= to - Long.BYTES; index += Long.BYTES) {
            long word = (long) LONGS.get(data, index);
            long one = first[(int) word & 0xff];
            long both = one + second[(int) (word >>> 8) & 0xff];
            hash <<= 2;
            if (((hash + one) & shiftedMask) == 0) {
                return index;
            }
            hash += both;
            if ((hash & mask) == 0) {
                return index + 1;
            }
            one = first[(int) (word >>> 16) & 0xff];
            both = one + second[(int) (word >>> 24) & 0xff];
            hash <<= 2;
            if (((hash + one) & shiftedMask) == 0) {
                return index + 2;
            }
            hash += both;
            if ((hash & mask) == 0) {
                return index + 3;
            }
            one = first[(int) (word >>> 32) & 0xff];
            both = one + second[(int) (word >>> 40) & 0xff];
            hash <<= 2;
            if (((hash + one) & shiftedMask) == 0) {
                return index + 4;
            }
            hash += both;
            if ((hash & mask) == 0) {
                return index + 5;
            }
            one = first[(int) (word >>> 48) & 0xff];
            both = one + second[(int) (word >>> 56) & 0xff];
            hash <<= 2;
            if (((hash + one) & shiftedMask) == 0) {
                return index + 6;
            }
            hash += both;
            if ((hash & mask) == 0) {
                return index + 7;
            }
        }
        for (; index < to - 1; index += 2) {
            // The sum of both gears does not wait for the hash, so that a step costs it one shift and one addition.
            long one = first[data[index] & 0xff];
            long both = one + second[data[index + 1] & 0xff];
            hash <<= 2;
            if (((hash + one) & shiftedMask) == 0) {
                return index;
            }
            hash += both;
            if ((hash & mask) == 0) {
                return index + 1;
            }
        }
        return -1;
    }

    /** Returns the hash that starts at zero before {@code from} and has taken in the bytes to {@code to}. */
    private long hash(byte[] data, int from, int to) {
        long hash = 0;
        // After 64 shifts nothing is left of a byte.
        for (int index = Math.max(from, to - Long.SIZE); index < to; index++) {
            hash = (hash << 1) + gear[data[index] & 0xff];
        }
        return hash;
    }

    private static long[] gear() {
        MessageDigest md5;
        try {
            md5 = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java platform provides MD5", impossible);
        }
        VarHandle longs = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
        long[] gear = new long[GEARS];
        for (int value = 0; value < gear.length; value++) {
            byte[] repeated = new byte[64];
            Arrays.fill(repeated, (byte) value);
            gear[value] = (long) longs.get(md5.digest(repeated), 0);
        }
        return gear;
    }
}
