package dev.tidegate.store;

import dev.tidegate.content.StoredChunk;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where packs live: files on a disk, objects in an object store, or memory in tests.
 *
 * <p><b>Thread-safety.</b> Every method may be called from any thread at any time; a {@link PackWriter} and a
 * {@link RecordCursor} belong to one thread at a time. Calls block on I/O: never call from an event loop.
 *
 * <p><b>Visibility.</b> A record can be read, from every process that shares the storage, once the
 * {@link PackWriter#commit} after its {@link PackWriter#append} has returned. Before that it may or may not be
 * readable, and it may vanish. A committed record never changes and stays until its pack is deleted.
 *
 * <p><b>What may be repeated.</b> Reads, scans, lists and deletes: all of them, after any failure. Writes: nothing on
 * the same pack. After a failed write the caller gives the writer up and begins a pack with a new {@link PackId}.
 *
 * <p><b>Interrupts.</b> An interrupt neither ends nor breaks a read, a scan or a delete, whoever is interrupted: the
 * thread's interrupt status is kept for the caller to look at. An interrupt may fail a write as
 * {@link StoreException.Unavailable}.
 *
 * <p><b>Failures</b> are {@link StoreException}s. Beside those that a method names, every method may throw
 * {@link StoreException.Unavailable}, and {@link IllegalStateException} once the store is closed.
 */
public interface PackStore extends AutoCloseable {

    /**
     * Begins a pack.
     *
     * @param pack a new name; for each attempt another one
     * @throws StoreException.Full if the storage has no space left beside its reserve
     * @throws StoreException.PackExists if a pack has this name already; it is left as it was
     */
    PackWriter create(OrganisationId organisation, PackId pack);

    /**
     * Reads one record and verifies it: its header and checksum, and that it holds the chunk that was asked for. Bit rot
     * is never served.
     *
     * @return the chunk as it was appended; its buffer is not shared with anybody
     * @throws StoreException.NoSuchPack if there is no such pack
     * @throws StoreException.CorruptRecord if anything else stands there
     */
    StoredChunk read(RecordRequest request);

    /**
     * Reads many records, in the requested order, whatever packs they stand in. Neighbours of one pack are read
     * together; the cursor holds a few MiB, however many records are asked for. No I/O happens before the first
     * {@link RecordCursor#next}.
     *
     * <p>Fastest when the order is that in which the chunks were appended, which is the order of a file's content.
     *
     * @param requests not changed before the cursor is closed
     */
    RecordCursor readAll(List<RecordRequest> requests);

    /**
     * Visits the records of a pack from its header to the first byte that is not part of a valid record, each verified
     * as by {@link #read}. What it gives is all that an index row holds, so that an index can be rebuilt from packs
     * alone. A pack that is being written at the time may end in a torn record.
     *
     * @throws StoreException.NoSuchPack if there is no such pack
     * @throws StoreException.CorruptRecord at offset 0, if the pack's own header is damaged; no record was visited
     */
    PackScan scan(PackId pack, RecordVisitor visitor);

    /**
     * Lists the packs, in no order. A pack that is created or deleted meanwhile may or may not appear. Close the stream;
     * it throws {@link StoreException.Unavailable} where it is read.
     */
    Stream<PackSummary> list();

    /**
     * Deletes a pack; one that does not exist is deleted already. Durable when it returns. A read in progress ends well
     * or with {@link StoreException.NoSuchPack}.
     */
    void delete(PackId pack);

    /** How a caller groups appends, so that a commit is worth its cost on this storage. */
    Batching batching();

    /** The bytes that can be written before the storage is full, the reserve not counted; at least 0. */
    long usableSpace();

    /**
     * Writes, flushes and removes a few bytes, for a readiness probe.
     *
     * @throws StoreException.Full if the storage has no space left beside its reserve
     */
    void checkWritable();

    /** Releases what is held open. Reads fail from here on; writers are closed by their owners, before. */
    @Override
    void close();
}
