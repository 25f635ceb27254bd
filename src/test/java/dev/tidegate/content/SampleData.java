package dev.tidegate.content;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Inputs of the kinds that training writes. */
public final class SampleData {

    private SampleData() {}

    /** Bytes that do not compress. */
    public static byte[] random(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Cuts bytes anywhere, into nothing too, and puts the pieces where bytes may lie: on the heap or not, writable or not. */
    public static List<ByteBuffer> pieces(Random random, byte[] bytes) {
        List<ByteBuffer> pieces = new ArrayList<>();
        int from = 0;
        while (from < bytes.length) {
            int length = random.nextInt(Math.min(random.nextBoolean() ? 100 : 50_000, bytes.length - from) + 1);
            ByteBuffer piece = ByteBuffer.wrap(bytes, from, length);
            if (random.nextBoolean()) {
                piece = ByteBuffer.allocateDirect(length + 3).put(3, bytes, from, length);
                piece.position(3);
            }
            pieces.add(random.nextBoolean() ? piece : piece.asReadOnlyBuffer());
            from += length;
        }
        return pieces;
    }

    /** Normally distributed weights as IEEE 754 single precision, little-endian. */
    static byte[] floats(Random random, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.remaining() >= 4) {
            bytes.putFloat((float) (random.nextGaussian() * 0.02));
        }
        return bytes.array();
    }

    /** Normally distributed weights as bfloat16, the upper half of single precision, little-endian. */
    static byte[] brainFloats(Random random, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.remaining() >= 2) {
            int bits = Float.floatToIntBits((float) (random.nextGaussian() * 0.02));
            bytes.putShort((short) (bits >>> 16));
        }
        return bytes.array();
    }

    /** Lines as a training loop logs them. */
    static byte[] text(Random random, int length) {
        StringBuilder text = new StringBuilder(length + 200);
        for (int step = 0; text.length() < length; step++) {
            text.append("2026-01-02T03:04:").append(String.format("%02d", step / 10 % 60));
            text.append(" INFO trainer step=").append(step);
            text.append(" loss=").append(random.nextFloat());
            text.append(" learning_rate=").append(random.nextFloat() * 1e-4f);
            text.append(" tokens_per_second=")
                    .append(random.nextInt(40_000, 60_000))
                    .append('\n');
        }
        return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
    }
}
