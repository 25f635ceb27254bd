package dev.tidegate.store;

import java.nio.ByteBuffer;

/**
 * All that a kind of storage must offer to be read as packs: bytes at an offset. {@link CoalescingCursor} and
 * {@link PackScanner} do the rest. Thread-safe.
 */
public interface PackBytes {

    /**
     * Returns the length of a pack in bytes.
     *
     * @throws StoreException.NoSuchPack if there is no such pack
     * @throws StoreException.Unavailable if the storage fails
     */
    long length(PackId pack);

    /**
     * Fills {@code target}, from its position, with the bytes from {@code offset} on; leaves space in it only if the pack
     * ends before. Flips nothing.
     *
     * @throws StoreException.NoSuchPack if there is no such pack
     * @throws StoreException.Unavailable if the storage fails
     */
    void read(PackId pack, long offset, ByteBuffer target);
}
