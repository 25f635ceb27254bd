package dev.tidegate.client;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.tidegate.content.ChunkException;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.v1.ChunkCodec;
import dev.tidegate.v1.ChunkFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Chunks and digests on the wire. */
final class Frames {

    private Frames() {}

    static ByteString toProto(Digest digest) {
        return UnsafeByteOperations.unsafeWrap(digest.toBytes());
    }

    /**
     * Reads a digest.
     *
     * @throws IllegalArgumentException if it does not have 32 bytes
     */
    static Digest toDigest(ByteString bytes) {
        if (bytes.size() != Digest.BYTES) {
            throw new IllegalArgumentException("a digest has 32 bytes, not " + bytes.size());
        }
        return Digest.read(bytes.toByteArray(), 0);
    }

    static dev.tidegate.v1.ChunkKind toProto(ChunkKind kind) {
        return switch (kind) {
            case DATA -> dev.tidegate.v1.ChunkKind.CHUNK_KIND_DATA;
            case FILE_NODE -> dev.tidegate.v1.ChunkKind.CHUNK_KIND_FILE_NODE;
            case TREE_NODE -> dev.tidegate.v1.ChunkKind.CHUNK_KIND_TREE_NODE;
        };
    }

    private static ChunkCodec toProto(Codec codec) {
        return switch (codec) {
            case NONE -> ChunkCodec.CHUNK_CODEC_NONE;
            case ZSTD -> ChunkCodec.CHUNK_CODEC_ZSTD;
            case BYTEPLANE2_ZSTD -> ChunkCodec.CHUNK_CODEC_BYTEPLANE2_ZSTD;
            case BYTEPLANE4_ZSTD -> ChunkCodec.CHUNK_CODEC_BYTEPLANE4_ZSTD;
        };
    }

    /** Returns a frame that shares the chunk's bytes. */
    static ChunkFrame toProto(StoredChunk chunk) {
        ByteBuffer stored = chunk.stored();
        // A wrapped array goes to the transport in one copy; a wrapped buffer goes in pieces of 4 KiB.
        ByteString bytes = stored.hasArray()
                ? UnsafeByteOperations.unsafeWrap(
                        stored.array(), stored.arrayOffset() + stored.position(), stored.remaining())
                : UnsafeByteOperations.unsafeWrap(stored);
        return ChunkFrame.newBuilder()
                .setDigest(toProto(chunk.digest()))
                .setKind(toProto(chunk.kind()))
                .setCodec(toProto(chunk.codec()))
                .setLength(chunk.length())
                .setStored(bytes)
                .build();
    }

    /**
     * Returns the chunk of a frame, not verified yet.
     *
     * @throws IllegalArgumentException if the frame names no known kind or codec, or its digest is none
     * @throws ChunkException.BadLength if a length is out of bounds
     */
    static StoredChunk toChunk(ChunkFrame frame) {
        ChunkKind kind =
                switch (frame.getKind()) {
                    case CHUNK_KIND_DATA -> ChunkKind.DATA;
                    case CHUNK_KIND_FILE_NODE -> ChunkKind.FILE_NODE;
                    case CHUNK_KIND_TREE_NODE -> ChunkKind.TREE_NODE;
                    case CHUNK_KIND_UNSPECIFIED, UNRECOGNIZED ->
                        throw new IllegalArgumentException("a chunk of no known kind: " + frame.getKindValue());
                };
        Codec codec =
                switch (frame.getCodec()) {
                    case CHUNK_CODEC_NONE -> Codec.NONE;
                    case CHUNK_CODEC_ZSTD -> Codec.ZSTD;
                    case CHUNK_CODEC_BYTEPLANE2_ZSTD -> Codec.BYTEPLANE2_ZSTD;
                    case CHUNK_CODEC_BYTEPLANE4_ZSTD -> Codec.BYTEPLANE4_ZSTD;
                    case CHUNK_CODEC_UNSPECIFIED, UNRECOGNIZED ->
                        throw new IllegalArgumentException("a chunk of no known codec: " + frame.getCodecValue());
                };
        return new StoredChunk(toDigest(frame.getDigest()), kind, codec, frame.getLength(), shared(frame.getStored()));
    }

    /**
     * Returns the bytes without copying them where they lie in one array, as those of a message that was received do. A
     * view of an array is hashed and written faster than the read-only one that protobuf would give.
     */
    private static ByteBuffer shared(ByteString bytes) {
        ArrayCapture capture = new ArrayCapture();
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, capture);
        } catch (IOException impossible) {
            throw new AssertionError("nothing is written anywhere", impossible);
        }
        ByteBuffer whole = capture.buffer;
        return whole != null && whole.remaining() == bytes.size() ? whole : bytes.asReadOnlyByteBuffer();
    }

    /** Keeps the last array that it is shown. */
    private static final class ArrayCapture extends ByteOutput {
        private @Nullable ByteBuffer buffer;

        @Override
        public void write(byte value) {
            buffer = null;
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            buffer = null;
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            buffer = ByteBuffer.wrap(value, offset, length);
        }

        @Override
        public void write(ByteBuffer value) {
            buffer = null;
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            buffer = null;
        }
    }
}
