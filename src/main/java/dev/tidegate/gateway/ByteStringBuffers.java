package dev.tidegate.gateway;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a byte string's own array. Hashing wants an array: given a read-only buffer, the platform's digests copy it
 * in slices, at a third of the speed.
 */
final class ByteStringBuffers {

    private ByteStringBuffers() {}

    /** Returns a buffer over the bytes, without a copy where they stand in one array. Nobody may change it. */
    static ByteBuffer heapBuffer(ByteString bytes) {
        ArrayCapture capture = new ArrayCapture();
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, capture);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        ByteBuffer captured = capture.captured;
        return captured != null && captured.remaining() == bytes.size()
                ? captured
                : ByteBuffer.wrap(bytes.toByteArray());
    }

    private static final class ArrayCapture extends ByteOutput {
        private @Nullable ByteBuffer captured;

        @Override
        public void write(byte value) {}

        @Override
        public void write(byte[] value, int offset, int length) {}

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            captured = ByteBuffer.wrap(value, offset, length).slice();
        }

        @Override
        public void write(ByteBuffer value) {}

        @Override
        public void writeLazy(ByteBuffer value) {}
    }
}
