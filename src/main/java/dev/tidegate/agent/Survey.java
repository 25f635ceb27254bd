package dev.tidegate.agent;

import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;

/**
 * A directory at one moment, looked at without reading a file or asking the gateway.
 *
 * @param fingerprint of all paths, stamps and texts of links: the same if nothing was changed
 * @param settled whether the next survey is sure to have another fingerprint if anything changes from now on; not so
 *     while a change is so young that a second one may get the same time
 * @param entries files, directories and links, and what cannot be kept
 * @param files regular files
 * @param bytes the sum of their sizes
 * @param filesBehind files that are not as the last push found them
 * @param bytesBehind the sum of the sizes of those; of a file that grew, what it grew by
 */
public record Survey(
        Digest fingerprint, boolean settled, long entries, long files, long bytes, long filesBehind, long bytesBehind) {

    /** Of a directory that nobody has looked at. */
    public static final Survey NONE = new Survey(Digest.of(ByteBuffer.allocate(0)), false, 0, 0, 0, 0, 0);

    /** The same, after all that it found was pushed. */
    public Survey inStep() {
        return new Survey(fingerprint, settled, entries, files, bytes, 0, 0);
    }

    /** Whether nothing was changed between this survey and a later one. */
    public boolean stillHolds(Survey later) {
        return settled && fingerprint.equals(later.fingerprint);
    }
}
