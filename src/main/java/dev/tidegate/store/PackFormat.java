package dev.tidegate.store;

import dev.tidegate.content.ChunkException;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The bytes of a pack, version 1, as {@code docs/formats/pack.md} specifies them: a header, records, and a trailer once
 * the pack is sealed. Integers are big-endian. Every checksum is a CRC-32C (RFC 3720) over the pack's name, the offset
 * and then the bytes, so that what is valid elsewhere is not valid here.
 *
 * <p>Buffers that are given to be read keep their position and limit.
 */
public final class PackFormat {

    /** The length of a pack's header in bytes: where its first record stands. */
    public static final int HEADER_LENGTH = 56;

    /** The length of a record's header in bytes: its stored bytes follow. */
    public static final int RECORD_HEADER_LENGTH = 52;

    /** The length of a trailer in bytes. */
    public static final int TRAILER_LENGTH = 24;

    /** The longest record in bytes, its header included. */
    public static final int MAX_RECORD_LENGTH = RECORD_HEADER_LENGTH + StoredChunk.MAX_LENGTH;

    /** "TGPACK" and a line end, which a transfer in text mode would change. */
    private static final long HEADER_MAGIC = 0x5447_5041_434b_0d0aL;

    /** "TGRC". */
    private static final int RECORD_MAGIC = 0x5447_5243;

    /** "TGTR". */
    private static final int TRAILER_MAGIC = 0x5447_5452;

    private static final short VERSION = 1;

    private static final int HEADER_CHECKSUM = HEADER_LENGTH - Integer.BYTES;
    private static final int RECORD_CHECKSUM = RECORD_HEADER_LENGTH - Integer.BYTES;
    private static final int TRAILER_CHECKSUM = TRAILER_LENGTH - Integer.BYTES;

    private PackFormat() {}

    /**
     * What a trailer says of the pack before it.
     *
     * @param records how many there are
     * @param end the offset behind the last one, where the trailer stands
     * @param checksum the CRC-32C of the records' checksums, 4 bytes each, in their order
     */
    public record Trailer(int records, long end, int checksum) {}

    /** Writes the header of a pack: {@link #HEADER_LENGTH} bytes. */
    public static void putHeader(ByteBuffer target, PackHeader header) {
        int start = target.position();
        target.putLong(HEADER_MAGIC).putShort(VERSION).putShort((short) 0);
        putUuid(target, header.organisation().value());
        putUuid(target, header.pack().value());
        target.putLong(header.createdAt().toEpochMilli());
        target.putInt(checksum(header.pack(), 0, target.slice(start, HEADER_CHECKSUM)));
    }

    /**
     * Reads the header of a pack from its first bytes.
     *
     * @param pack the name under which the bytes were found
     * @throws StoreException.CorruptRecord if they are not the header of this pack in this version
     */
    public static PackHeader header(PackId pack, ByteBuffer bytes) {
        if (bytes.remaining() < HEADER_LENGTH) {
            throw new StoreException.CorruptRecord(pack, 0, "the pack ends within its header");
        }
        ByteBuffer header = bytes.slice();
        if (header.getLong(0) != HEADER_MAGIC) {
            throw new StoreException.CorruptRecord(pack, 0, "this is no pack");
        }
        if (!uuid(header, 28).equals(pack.value())) {
            throw new StoreException.CorruptRecord(pack, 0, "this is pack " + uuid(header, 28));
        }
        if (header.getInt(HEADER_CHECKSUM) != checksum(pack, 0, header.slice(0, HEADER_CHECKSUM))) {
            throw new StoreException.CorruptRecord(pack, 0, "the pack's header does not match its checksum");
        }
        if (header.getShort(8) != VERSION || header.getShort(10) != 0) {
            throw new StoreException.CorruptRecord(
                    pack, 0, "format version " + Short.toUnsignedInt(header.getShort(8)) + " is not known");
        }
        return new PackHeader(new OrganisationId(uuid(header, 12)), pack, Instant.ofEpochMilli(header.getLong(44)));
    }

    /**
     * Writes the header of a record: {@link #RECORD_HEADER_LENGTH} bytes. The chunk's stored bytes follow as they are.
     *
     * @param offset where the record stands in the pack
     * @return the record's checksum, for the trailer
     */
    public static int putRecordHeader(ByteBuffer target, PackId pack, long offset, StoredChunk chunk) {
        int start = target.position();
        target.putInt(RECORD_MAGIC)
                .put((byte) chunk.kind().code())
                .put((byte) chunk.codec().code())
                .putShort((short) 0)
                .putInt(chunk.length())
                .putInt(chunk.storedLength());
        chunk.digest().put(target);
        int checksum = checksum(
                pack,
                offset,
                target.slice(start, RECORD_CHECKSUM),
                chunk.stored().duplicate());
        target.putInt(checksum);
        return checksum;
    }

    /**
     * Tells how long a record says it is, its header included; empty if this is not the start of a record. Nothing is
     * verified but the bounds: this says how much {@link #record} needs.
     *
     * @param bytes at least {@link #RECORD_HEADER_LENGTH}
     */
    public static OptionalInt recordLength(ByteBuffer bytes) {
        int start = bytes.position();
        int storedLength = bytes.getInt(start + 12);
        return bytes.getInt(start) == RECORD_MAGIC && storedLength >= 1 && storedLength <= StoredChunk.MAX_LENGTH
                ? OptionalInt.of(RECORD_HEADER_LENGTH + storedLength)
                : OptionalInt.empty();
    }

    /**
     * Reads a record and verifies it.
     *
     * @param offset where the record stands in the pack
     * @param bytes the record; what comes behind it is not looked at
     * @return the chunk; its stored bytes are a slice of {@code bytes}
     * @throws StoreException.CorruptRecord if there is no valid record
     */
    public static StoredChunk record(PackId pack, long offset, ByteBuffer bytes) {
        ByteBuffer record = bytes.slice();
        if (record.remaining() < RECORD_HEADER_LENGTH) {
            throw new StoreException.CorruptRecord(pack, offset, "the pack ends within the record's header");
        }
        OptionalInt length = recordLength(record);
        if (length.isEmpty()) {
            throw new StoreException.CorruptRecord(pack, offset, "no record begins here");
        }
        if (record.remaining() < length.getAsInt()) {
            throw new StoreException.CorruptRecord(pack, offset, "the pack ends within the record");
        }
        ByteBuffer stored = record.slice(RECORD_HEADER_LENGTH, length.getAsInt() - RECORD_HEADER_LENGTH);
        int checksum = checksum(pack, offset, record.slice(0, RECORD_CHECKSUM), stored.duplicate());
        if (record.getInt(RECORD_CHECKSUM) != checksum) {
            throw new StoreException.CorruptRecord(pack, offset, "the record does not match its checksum");
        }
        if (record.getShort(6) != 0) {
            throw new StoreException.CorruptRecord(pack, offset, "the record has flags that are not known");
        }
        try {
            return new StoredChunk(
                    Digest.read(record, 16),
                    ChunkKind.ofCode(record.get(4)),
                    Codec.ofCode(record.get(5)),
                    record.getInt(8),
                    stored);
        } catch (ChunkException.BadLength | IllegalArgumentException invalid) {
            throw new StoreException.CorruptRecord(
                    pack, offset, "the record contradicts itself: " + invalid.getMessage());
        }
    }

    /**
     * Reads a record, verifies it, and verifies that it is the one that was asked for.
     *
     * @param bytes what stands at the requested offset; what comes behind the record is not looked at
     * @return the chunk; its stored bytes are a slice of {@code bytes}
     * @throws StoreException.CorruptRecord if there is anything else
     */
    public static StoredChunk record(RecordRequest request, ByteBuffer bytes) {
        RecordLocation location = request.location();
        StoredChunk chunk = record(location.pack(), location.offset(), bytes);
        if (chunk.storedLength() != location.storedLength()) {
            throw new StoreException.CorruptRecord(
                    location.pack(),
                    location.offset(),
                    "the record stores " + chunk.storedLength() + " bytes, not " + location.storedLength());
        }
        if (!chunk.digest().equals(request.digest())) {
            throw new StoreException.CorruptRecord(
                    location.pack(),
                    location.offset(),
                    "the record holds chunk " + chunk.digest() + ", not " + request.digest());
        }
        return chunk;
    }

    /** Returns the checksum that a valid record carries. */
    static int recordChecksum(ByteBuffer bytes) {
        return bytes.getInt(bytes.position() + RECORD_CHECKSUM);
    }

    /** Writes a trailer: {@link #TRAILER_LENGTH} bytes. */
    public static void putTrailer(ByteBuffer target, PackId pack, Trailer trailer) {
        int start = target.position();
        target.putInt(TRAILER_MAGIC)
                .putInt(trailer.records())
                .putLong(trailer.end())
                .putInt(trailer.checksum());
        target.putInt(checksum(pack, trailer.end(), target.slice(start, TRAILER_CHECKSUM)));
    }

    /**
     * Reads a trailer; empty if this is not one of this pack, at this offset.
     *
     * @param offset where the bytes stand in the pack
     */
    public static Optional<Trailer> trailer(PackId pack, long offset, ByteBuffer bytes) {
        ByteBuffer trailer = bytes.slice();
        if (trailer.remaining() < TRAILER_LENGTH
                || trailer.getInt(0) != TRAILER_MAGIC
                || trailer.getLong(8) != offset
                || trailer.getInt(TRAILER_CHECKSUM) != checksum(pack, offset, trailer.slice(0, TRAILER_CHECKSUM))) {
            return Optional.empty();
        }
        return Optional.of(new Trailer(trailer.getInt(4), offset, trailer.getInt(16)));
    }

    private static int checksum(PackId pack, long offset, ByteBuffer... bytes) {
        ByteBuffer place = ByteBuffer.allocate(3 * Long.BYTES);
        putUuid(place, pack.value());
        place.putLong(offset).flip();
        CRC32C checksum = new CRC32C();
        checksum.update(place);
        for (ByteBuffer part : bytes) {
            checksum.update(part);
        }
        return (int) checksum.getValue();
    }

    private static void putUuid(ByteBuffer target, UUID uuid) {
        target.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    }

    private static UUID uuid(ByteBuffer bytes, int index) {
        return new UUID(bytes.getLong(index), bytes.getLong(index + Long.BYTES));
    }
}
