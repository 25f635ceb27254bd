package dev.tidegate.store;

import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.PackFormat.Trailer;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Scans one pack from its first byte to the first invalid one, on any kind of storage. Holds {@value #WINDOW} bytes.
 * Used once, by one thread.
 */
public final class PackScanner {

    /** More than the longest record, so that the window moves once for many records. */
    private static final int WINDOW = 2 * PackFormat.MAX_RECORD_LENGTH;

    private final PackBytes storage;
    private final PackId pack;
    private final long length;
    private final ByteBuffer window;
    private final RecordChecksums checksums = new RecordChecksums();
    private long windowStart;

    /**
     * Prepares the scan of a pack in its present length.
     *
     * @throws StoreException.NoSuchPack if there is no such pack
     * @throws StoreException.Unavailable if the storage fails
     */
    public PackScanner(PackBytes storage, PackId pack) {
        this.storage = storage;
        this.pack = pack;
        this.length = storage.length(pack);
        this.window = ByteBuffer.allocate((int) Math.min(WINDOW, length)).limit(0);
    }

    /**
     * Visits the valid records; see {@link PackStore#scan}.
     *
     * @throws StoreException.CorruptRecord at offset 0, if the pack's own header is damaged
     * @throws StoreException.NoSuchPack if the pack has been deleted
     * @throws StoreException.Unavailable if the storage fails
     */
    public PackScan scan(RecordVisitor visitor) {
        PackHeader header = PackFormat.header(pack, at(0, PackFormat.HEADER_LENGTH));
        long offset = PackFormat.HEADER_LENGTH;
        while (offset < length) {
            ByteBuffer bytes = at(offset, PackFormat.RECORD_HEADER_LENGTH);
            Optional<Trailer> trailer = PackFormat.trailer(pack, offset, bytes);
            if (trailer.isPresent()) {
                return trailed(header, trailer.get());
            }
            StoredChunk chunk;
            int recordLength;
            try {
                recordLength = recordLength(bytes, offset);
                bytes = at(offset, recordLength);
                chunk = PackFormat.record(pack, offset, bytes);
            } catch (StoreException.CorruptRecord torn) {
                return torn(header, offset, torn.what());
            }
            checksums.add(PackFormat.recordChecksum(bytes));
            visitor.visit(header, new RecordLocation(pack, offset, chunk.storedLength()), chunk);
            offset += recordLength;
        }
        return new PackScan(header, checksums.records(), offset, length, new PackScan.Unsealed());
    }

    private PackScan trailed(PackHeader header, Trailer trailer) {
        if (!trailer.equals(checksums.trailer(trailer.end()))) {
            return torn(header, trailer.end(), "the trailer does not agree with the records");
        }
        long end = trailer.end() + PackFormat.TRAILER_LENGTH;
        if (end < length) {
            return torn(header, end, "bytes follow the trailer");
        }
        return new PackScan(header, checksums.records(), end, length, new PackScan.Sealed());
    }

    private PackScan torn(PackHeader header, long offset, String what) {
        return new PackScan(header, checksums.records(), offset, length, new PackScan.Torn(what));
    }

    private int recordLength(ByteBuffer bytes, long offset) {
        if (bytes.remaining() < PackFormat.RECORD_HEADER_LENGTH) {
            throw new StoreException.CorruptRecord(pack, offset, "the pack ends within a record's header");
        }
        OptionalInt recordLength = PackFormat.recordLength(bytes);
        return recordLength.orElseThrow(() -> new StoreException.CorruptRecord(pack, offset, "no record begins here"));
    }

    /** Returns {@code wanted} bytes from {@code offset} on, or fewer where the pack ends. Offsets only ever grow. */
    private ByteBuffer at(long offset, int wanted) {
        if (offset + wanted > windowStart + window.limit() && windowStart + window.limit() < length) {
            window.position((int) (offset - windowStart)).compact();
            windowStart = offset;
            window.limit((int) Math.min(window.capacity(), length - offset));
            storage.read(pack, windowStart + window.position(), window);
            window.flip();
        }
        int start = (int) (offset - windowStart);
        return window.slice(start, Math.min(wanted, window.limit() - start));
    }
}
