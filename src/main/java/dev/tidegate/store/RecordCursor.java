package dev.tidegate.store;

import dev.tidegate.content.StoredChunk;

/**
 * Gives the records of {@link PackStore#readAll}, one at a time and in the requested order. Used by one thread at a
 * time, though not always the same: whoever streams to a slow reader just does not ask for the next one.
 */
public interface RecordCursor extends AutoCloseable {

    /** Tells whether requests are left. */
    boolean hasNext();

    /**
     * Returns what the next record stores, in bytes, as its location has it.
     *
     * @throws java.util.NoSuchElementException if no request is left
     */
    int nextLength();

    /**
     * Reads and verifies the next record. A failure concerns this record only: the next call goes on with the one after
     * it.
     *
     * @return the chunk; nobody changes its bytes before {@link #recycle}, but keeping it keeps those neighbours that were read
     *     with it
     * @throws StoreException.NoSuchPack if its pack is gone
     * @throws StoreException.CorruptRecord if anything else stands there
     * @throws java.util.NoSuchElementException if no request is left
     */
    StoredChunk next();

    /** Says that none of the chunks given so far is used any more, so that others may be read into their memory. */
    void recycle();

    /** Gives up the rest. May be repeated and never throws. */
    @Override
    void close();
}
