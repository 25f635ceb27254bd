package dev.tidegate.store;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Counts the records of a pack and sums up their checksums, for its trailer. Used by one thread at a time. */
public final class RecordChecksums {

    private final CRC32C checksums = new CRC32C();
    private final ByteBuffer word = ByteBuffer.allocate(Integer.BYTES);
    private int records;

    /** Takes the checksum of the next record. */
    public void add(int checksum) {
        checksums.update(word.clear().putInt(checksum).flip());
        records++;
    }

    /** How many records there were. */
    public int records() {
        return records;
    }

    /** Returns the trailer of a pack that has just these records and ends at {@code end}. */
    public PackFormat.Trailer trailer(long end) {
        return new PackFormat.Trailer(records, end, (int) checksums.getValue());
    }
}
