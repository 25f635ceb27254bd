package dev.tidegate.content;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The cut point as the definition says it, one byte a step: what {@link Chunker} must not deviate from. */
final class OneByteAStep {

    private OneByteAStep() {}

    static int cut(byte[] data, ChunkingProfile profile, long seed) {
        if (data.length <= profile.minLength()) {
            return data.length;
        }
        long[] gear = gear();
        int end = Math.min(data.length, profile.maxLength());
        long hash = 0;
        // A last byte without a partner is not looked at, neither before the average nor at the end.
        for (int index = profile.minLength(); index < end - end % 2; index++) {
            hash = (hash << 1) + (gear[data[index] & 0xff] ^ seed);
            long mask = index < profile.averageLength() ? strictMask(profile) : laxMask(profile);
            if ((hash & mask) == 0) {
                return index;
            }
        }
        return end;
    }

    private static long strictMask(ChunkingProfile profile) {
        return switch (profile.averageLength()) {
            case 1 << 10 -> 0x0000d90103530000L;
            case 1 << 11 -> 0x0000d90303530000L;
            case 1 << 12 -> 0x0000d90313530000L;
            default -> throw new IllegalArgumentException();
        };
    }

    private static long laxMask(ChunkingProfile profile) {
        return switch (profile.averageLength()) {
            case 1 << 10 -> 0x0000001800035300L;
            case 1 << 11 -> 0x0000019000353000L;
            case 1 << 12 -> 0x0000590003530000L;
            default -> throw new IllegalArgumentException();
        };
    }

    private static long[] gear() {
        try {
            long[] gear = new long[256];
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            for (int value = 0; value < gear.length; value++) {
                byte[] repeated = new byte[64];
                Arrays.fill(repeated, (byte) value);
                gear[value] = ByteBuffer.wrap(md5.digest(repeated)).getLong();
            }
            return gear;
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
