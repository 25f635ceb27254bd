package dev.tidegate.content;

import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Turns chunks into their stored form and back.
 *
 * <p>Safe to share among threads, virtual ones too. Holds no memory of its own: see {@link Workspace} for what the whole
 * process shares. Decoding does not depend on the level.
 */
public final class Codecs {

    /** The level of Zstandard unless another is asked for: higher ones gain little on what training writes. */
    public static final int DEFAULT_LEVEL = 1;

    /** The highest level that is accepted: the ones above take much more memory. */
    public static final int MAX_LEVEL = 19;

    private final int level;

    /** Creates codecs that encode at {@link #DEFAULT_LEVEL}. */
    public Codecs() {
        this(DEFAULT_LEVEL);
    }

    /**
     * Creates codecs that encode at {@code level} of Zstandard.
     *
     * @throws IllegalArgumentException if {@code level} is not from 1 to {@link #MAX_LEVEL}
     */
    public Codecs(int level) {
        if (level < 1 || level > MAX_LEVEL) {
            throw new IllegalArgumentException("the zstd level is from 1 to " + MAX_LEVEL + ", not " + level);
        }
        this.level = level;
    }

    /** As {@link #encode(Digest, ChunkKind, byte[], int, int)}, of a chunk of a file that is being read. */
    public StoredChunk encode(Chunk chunk) {
        ByteBuffer bytes = chunk.bytes();
        return encode(chunk.digest(), ChunkKind.DATA, bytes.array(), bytes.arrayOffset(), chunk.length());
    }

    /**
     * Returns the stored form of {@code length} bytes under the codec that a trial on a sample favours, or under {@link
     * Codec#NONE} if that saves less than a twentieth.
     *
     * <p>The bytes are copied in every case, so that the caller may reuse {@code data} at once; the result owns its bytes.
     *
     * @param digest the SHA-256 of the bytes, which is not checked
     * @throws ChunkException.BadLength if {@code length} is not that of a chunk
     * @throws IndexOutOfBoundsException if the range is not within {@code data}
     */
    public StoredChunk encode(Digest digest, ChunkKind kind, byte[] data, int offset, int length) {
        return compressed(digest, kind, data, offset, length)
                .orElseGet(() -> new StoredChunk(
                        digest,
                        kind,
                        Codec.NONE,
                        length,
                        ByteBuffer.wrap(Arrays.copyOfRange(data, offset, offset + length))));
    }

    /**
     * As {@link #encode(Digest, ChunkKind, byte[], int, int)}, of bytes that nobody changes any more: under {@link
     * Codec#NONE} the result shares them.
     *
     * @param plaintext from position to limit, backed by an array
     */
    public StoredChunk encodeShared(Digest digest, ChunkKind kind, ByteBuffer plaintext) {
        int length = plaintext.remaining();
        return compressed(digest, kind, plaintext.array(), plaintext.arrayOffset() + plaintext.position(), length)
                .orElseGet(() -> new StoredChunk(digest, kind, Codec.NONE, length, plaintext.slice()));
    }

    /** Returns the chunk under the codec that the trial favours, or nothing if it is not worth while. */
    private Optional<StoredChunk> compressed(Digest digest, ChunkKind kind, byte[] data, int offset, int length) {
        checkRange(digest, data, offset, length);
        int maxLength = (int) (CodecTrial.WORTHWHILE * length);
        try (Workspace workspace = Workspace.borrow()) {
            Codec codec = workspace.trial.choose(
                    data, offset, length, (sample, size) -> workspace.compress(sample, 0, size, level));
            int size = compress(workspace, codec, data, offset, length, maxLength);
            if (size < 0) {
                return Optional.empty();
            }
            byte[] stored = Arrays.copyOf(workspace.encoded(0), size);
            return Optional.of(new StoredChunk(digest, kind, codec, length, ByteBuffer.wrap(stored)));
        }
    }

    /** As {@link #encode(Digest, ChunkKind, byte[], int, int)} under a given codec; empty if the result would be longer than the bytes. */
    Optional<StoredChunk> encodeAs(Codec codec, Digest digest, ChunkKind kind, byte[] data, int offset, int length) {
        checkRange(digest, data, offset, length);
        if (codec == Codec.NONE) {
            byte[] copy = Arrays.copyOfRange(data, offset, offset + length);
            return Optional.of(new StoredChunk(digest, kind, codec, length, ByteBuffer.wrap(copy)));
        }
        try (Workspace workspace = Workspace.borrow()) {
            int size = compress(workspace, codec, data, offset, length, length);
            if (size < 0) {
                return Optional.empty();
            }
            byte[] stored = Arrays.copyOf(workspace.encoded(0), size);
            return Optional.of(new StoredChunk(digest, kind, codec, length, ByteBuffer.wrap(stored)));
        }
    }

    private static void checkRange(Digest digest, byte[] data, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (length < 1 || length > StoredChunk.MAX_LENGTH) {
            throw new ChunkException.BadLength(
                    digest, "a chunk holds 1 to " + StoredChunk.MAX_LENGTH + " bytes, this one has " + length);
        }
    }

    /** Compresses to the workspace's array and returns the length there, or -1 if it is above {@code maxLength}. */
    private int compress(Workspace workspace, Codec codec, byte[] data, int offset, int length, int maxLength) {
        return switch (codec) {
            case NONE, DELTA -> -1;
            case ZSTD -> {
                int size = workspace.compress(data, offset, length, level);
                yield size <= maxLength ? size : -1;
            }
            case BYTEPLANE2_ZSTD -> {
                byte[] planes = workspace.planes(length);
                BytePlanes.split2(data, offset, length, planes);
                yield workspace.compressPlanes(planes, length / 2, 2, length, level, maxLength);
            }
            case BYTEPLANE4_ZSTD -> {
                byte[] planes = workspace.planes(length);
                BytePlanes.split4(data, offset, length, planes);
                yield workspace.compressPlanes(planes, length / 4, 4, length, level, maxLength);
            }
        };
    }

    /**
     * Decodes {@code chunk} and checks that the plaintext hashes to its digest.
     *
     * <p>Never takes more memory than the declared length. Under {@link Codec#NONE} the result shares the stored bytes,
     * otherwise it has its own; in neither case may its content be changed.
     *
     * @return the plaintext, from position to limit
     * @throws ChunkException.Undecodable if the stored bytes do not decode to exactly the declared length
     * @throws ChunkException.DigestMismatch if the plaintext is not what the digest names
     */
    public ByteBuffer decode(StoredChunk chunk) {
        if (chunk.codec() == Codec.NONE) {
            verify(chunk);
            return chunk.stored().slice();
        }
        byte[] plaintext = new byte[chunk.length()];
        decode(chunk, plaintext, 0);
        return ByteBuffer.wrap(plaintext);
    }

    /** As {@link #decode(StoredChunk)}, but hashes nothing: for a part of something that is hashed as a whole. */
    ByteBuffer expand(StoredChunk chunk) {
        if (chunk.codec() == Codec.NONE) {
            return chunk.stored().slice();
        }
        byte[] plaintext = new byte[chunk.length()];
        try (Workspace workspace = Workspace.borrow()) {
            expand(workspace, chunk, plaintext, 0);
        }
        return ByteBuffer.wrap(plaintext);
    }

    /**
     * Decodes {@code chunk} to {@code target} from {@code offset} on, and checks that the plaintext hashes to its digest.
     * Without a return there is no telling what has been written within the declared length; nothing is written beyond.
     *
     * @throws ChunkException.Undecodable if the stored bytes do not decode to exactly the declared length
     * @throws ChunkException.DigestMismatch if the plaintext is not what the digest names
     * @throws IndexOutOfBoundsException if the declared length does not fit in {@code target}
     */
    public void decode(StoredChunk chunk, byte[] target, int offset) {
        Objects.checkFromIndexSize(offset, chunk.length(), target.length);
        try (Workspace workspace = Workspace.borrow()) {
            expand(workspace, chunk, target, offset);
            workspace.sha256.update(target, offset, chunk.length());
            checkDigest(workspace, chunk.digest());
        }
    }

    /**
     * Checks that {@code chunk} decodes to what its digest names, and keeps nothing of it. Several are checked faster
     * together: see {@link #refusals}.
     *
     * @throws ChunkException.Undecodable if the stored bytes do not decode to exactly the declared length
     * @throws ChunkException.DigestMismatch if the plaintext is not what the digest names
     */
    public void verify(StoredChunk chunk) {
        if (chunk.codec() == Codec.NONE) {
            verify(List.of(chunk.digest()), List.of(List.of(chunk.stored())));
            return;
        }
        try (Workspace workspace = Workspace.borrow()) {
            byte[] plaintext = scratch(workspace, chunk);
            expand(workspace, chunk, plaintext, 0);
            workspace.sha256.update(plaintext, 0, chunk.length());
            checkDigest(workspace, chunk.digest());
        }
    }

    /** Checks each chunk as {@link #verify(StoredChunk)} does; returns, in their order, why it throws, or nothing. */
    public List<Optional<ChunkException>> refusals(List<StoredChunk> chunks) {
        Iterator<Digest> plain = Hashing.digests(chunks.stream()
                        .filter(chunk -> chunk.codec() == Codec.NONE)
                        .map(chunk -> List.of(chunk.stored()))
                        .toList())
                .iterator();
        List<Optional<ChunkException>> refusals = new ArrayList<>(chunks.size());
        for (StoredChunk chunk : chunks) {
            try {
                if (chunk.codec() == Codec.NONE) {
                    checkDigest(chunk.digest(), plain.next());
                } else {
                    verify(chunk);
                }
                refusals.add(Optional.empty());
            } catch (ChunkException refused) {
                refusals.add(Optional.of(refused));
            }
        }
        return refusals;
    }

    /**
     * Checks that plaintexts are what digests name.
     *
     * @param plaintexts as many as there are digests, each in pieces from position to limit
     * @throws ChunkException.DigestMismatch of the first that is not
     */
    public void verify(List<Digest> digests, List<List<ByteBuffer>> plaintexts) {
        List<Digest> actual = Hashing.digests(plaintexts);
        for (int i = 0; i < actual.size(); i++) {
            checkDigest(digests.get(i), actual.get(i));
        }
    }

    /**
     * Returns the one of the workspace's arrays that decoding {@code chunk} leaves free: decompressing may read from the
     * one for encoded bytes, and is through with it when planes are joined.
     */
    private static byte[] scratch(Workspace workspace, StoredChunk chunk) {
        return chunk.codec() == Codec.ZSTD ? workspace.planes(chunk.length()) : workspace.encoded(chunk.length());
    }

    private static void expand(Workspace workspace, StoredChunk chunk, byte[] target, int offset) {
        int length = chunk.length();
        switch (chunk.codec()) {
            case NONE -> chunk.stored().get(chunk.stored().position(), target, offset, length);
            case ZSTD -> decompress(workspace, chunk, target, offset);
            case BYTEPLANE2_ZSTD -> {
                byte[] planes = workspace.planes(length);
                decompress(workspace, chunk, planes, 0);
                BytePlanes.join2(planes, length, target, offset);
            }
            case BYTEPLANE4_ZSTD -> {
                byte[] planes = workspace.planes(length);
                decompress(workspace, chunk, planes, 0);
                BytePlanes.join4(planes, length, target, offset);
            }
            case DELTA -> throw new ChunkException.Undecodable(chunk.digest(), "a delta is decoded with its base");
        }
    }

    private static void decompress(Workspace workspace, StoredChunk chunk, byte[] target, int offset) {
        ZstdFrame.check(chunk);
        int size;
        try {
            size = workspace.decompress(chunk.stored(), target, offset, chunk.length());
        } catch (ZstdException refused) {
            throw new ChunkException.Undecodable(chunk.digest(), "zstd: " + refused.getMessage());
        }
        if (size != chunk.length()) {
            throw new ChunkException.Undecodable(
                    chunk.digest(), "it decodes to " + size + " bytes, it declares " + chunk.length());
        }
    }

    private static void checkDigest(Workspace workspace, Digest digest) {
        checkDigest(digest, Digest.read(workspace.sha256.digest(), 0));
    }

    private static void checkDigest(Digest digest, Digest actual) {
        if (!actual.equals(digest)) {
            throw new ChunkException.DigestMismatch(digest, actual);
        }
    }
}
