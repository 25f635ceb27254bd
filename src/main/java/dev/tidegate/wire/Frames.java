package dev.tidegate.wire;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.tidegate.content.ChunkException;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.DeltaBase;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.v1.ChunkBase;
import dev.tidegate.v1.ChunkCodec;
import dev.tidegate.v1.ChunkFrame;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Between chunks and digests and their messages. */
public final class Frames {

    /** The protocol's limit on the frames of a message that a client sends: however small they are, each takes memory. */
    public static final int MAX_IN_MESSAGE = 4_096;

    private Frames() {}

    /** Returns the 32 bytes. */
    public static ByteString toProto(Digest digest) {
        return UnsafeByteOperations.unsafeWrap(digest.toBytes());
    }

    /**
     * Reads a digest.
     *
     * @throws IllegalArgumentException if it does not have 32 bytes
     */
    public static Digest toDigest(ByteString bytes) {
        if (bytes.size() != Digest.BYTES) {
            throw new IllegalArgumentException("a digest has 32 bytes, not " + bytes.size());
        }
        return Digest.read(bytes.toByteArray(), 0);
    }

    /** Returns the number on the wire. */
    public static dev.tidegate.v1.ChunkKind toProto(ChunkKind kind) {
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
            case DELTA -> throw new IllegalArgumentException("a delta does not travel");
        };
    }

    /** Returns a frame that shares the chunk's bytes. */
    public static ChunkFrame toProto(StoredChunk chunk) {
        return toProto(chunk, Optional.empty());
    }

    /** As the other, of a chunk that resembles {@code base}. */
    public static ChunkFrame toProto(StoredChunk chunk, Optional<DeltaBase> base) {
        ByteBuffer stored = chunk.stored();
        // A wrapped array goes to the transport in one copy; a wrapped buffer goes in pieces of 4 KiB.
        ByteString bytes = stored.hasArray()
                ? UnsafeByteOperations.unsafeWrap(
                        stored.array(), stored.arrayOffset() + stored.position(), stored.remaining())
                : UnsafeByteOperations.unsafeWrap(stored);
        ChunkFrame.Builder frame = ChunkFrame.newBuilder()
                .setDigest(toProto(chunk.digest()))
                .setKind(toProto(chunk.kind()))
                .setCodec(toProto(chunk.codec()))
                .setLength(chunk.length())
                .setStored(bytes);
        base.ifPresent(resembled -> frame.setBase(
                ChunkBase.newBuilder().setDigest(toProto(resembled.digest())).setShift(resembled.shift())));
        return frame.build();
    }

    /**
     * Returns the chunk of a frame, not verified yet.
     *
     * @throws IllegalArgumentException if the frame names no known kind or codec, or its digest is none
     * @throws ChunkException.BadLength if a length is out of bounds
     */
    public static StoredChunk toChunk(ChunkFrame frame) {
        ChunkKind kind = knownKind(frame);
        Codec codec = codec(frame.getCodec())
                .orElseThrow(() -> new IllegalArgumentException("a chunk of no known codec: " + frame.getCodecValue()));
        return new StoredChunk(toDigest(frame.getDigest()), kind, codec, frame.getLength(), buffer(frame.getStored()));
    }

    /**
     * Returns the bytes of a frame under {@link Codec#NONE} where they lie, not verified yet: in one piece or, of a message
     * that was received in place, in several. Nobody may change them.
     *
     * @throws IllegalArgumentException if the frame names no known kind, or its digest is none
     * @throws ChunkException.BadLength if a length is out of bounds
     */
    public static List<ByteBuffer> toPieces(ChunkFrame frame) {
        var _ = knownKind(frame);
        ByteString stored = frame.getStored();
        StoredChunk.checkLengths(toDigest(frame.getDigest()), Codec.NONE, frame.getLength(), stored.size());
        return stored.asReadOnlyByteBufferList();
    }

    private static ChunkKind knownKind(ChunkFrame frame) {
        return kind(frame.getKind())
                .orElseThrow(() -> new IllegalArgumentException("a chunk of no known kind: " + frame.getKindValue()));
    }

    /** Returns how a message is refused that is none. */
    static StatusRuntimeException refusal(InvalidProtocolBufferException malformed) {
        return Status.INTERNAL
                .withDescription("a message cannot be read")
                .withCause(malformed)
                .asRuntimeException();
    }

    /** Returns the kind; empty if it is missing or unknown. */
    public static Optional<ChunkKind> kind(dev.tidegate.v1.ChunkKind kind) {
        return switch (kind) {
            case CHUNK_KIND_DATA -> Optional.of(ChunkKind.DATA);
            case CHUNK_KIND_FILE_NODE -> Optional.of(ChunkKind.FILE_NODE);
            case CHUNK_KIND_TREE_NODE -> Optional.of(ChunkKind.TREE_NODE);
            case CHUNK_KIND_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
        };
    }

    /** Returns the codec; empty if it is missing or unknown. */
    public static Optional<Codec> codec(ChunkCodec codec) {
        return switch (codec) {
            case CHUNK_CODEC_NONE -> Optional.of(Codec.NONE);
            case CHUNK_CODEC_ZSTD -> Optional.of(Codec.ZSTD);
            case CHUNK_CODEC_BYTEPLANE2_ZSTD -> Optional.of(Codec.BYTEPLANE2_ZSTD);
            case CHUNK_CODEC_BYTEPLANE4_ZSTD -> Optional.of(Codec.BYTEPLANE4_ZSTD);
            case CHUNK_CODEC_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
        };
    }

    /**
     * Returns a buffer over the bytes, without a copy where they lie in one place, as those of a message that was received
     * do. Nobody may change it. Hashing wants an array if there is one: given the read-only buffer that protobuf offers, the
     * platform's digests copy it in slices, at a third of the speed.
     */
    public static ByteBuffer buffer(ByteString bytes) {
        ByteBuffer whole = capture(bytes).buffer;
        return whole != null && whole.remaining() == bytes.size() ? whole : ByteBuffer.wrap(bytes.toByteArray());
    }

    /** Returns the array that the bytes, or the last of them, lie in; an empty one if they lie in none. */
    static byte[] array(ByteString bytes) {
        return capture(bytes).array;
    }

    private static ArrayCapture capture(ByteString bytes) {
        ArrayCapture capture = new ArrayCapture();
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, capture);
        } catch (IOException impossible) {
            throw new AssertionError("nothing is written anywhere", impossible);
        }
        return capture;
    }

    /** Keeps the last buffer or array that it is shown. */
    private static final class ArrayCapture extends ByteOutput {
        private @Nullable ByteBuffer buffer;
        private byte[] array = {};

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
            buffer = ByteBuffer.wrap(value, offset, length).slice();
            array = value;
        }

        @Override
        public void write(ByteBuffer value) {
            buffer = null;
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            buffer = value.slice();
        }
    }
}
