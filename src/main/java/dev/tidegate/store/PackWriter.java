package dev.tidegate.store;

import dev.tidegate.content.StoredChunk;

/**
 * Writes one pack. Used by one thread at a time.
 *
 * <p>A batch goes like this, on every kind of storage:
 *
 * <pre>{@code
 * for (StoredChunk chunk : batch) {
 *     locations.add(writer.append(chunk));
 * }
 * writer.commit();                       // durable from here on: write the index rows, acknowledge
 * if (writer.isFinished() || writer.length() >= packSize) {
 *     writer.seal();
 *     writer = store.create(organisation, newPackId);
 * }
 * }</pre>
 *
 * <p><b>Failures.</b> Whatever a method throws, a {@link StoreException} or an {@link Error}, the writer is dead: nothing
 * since the last returned {@link #commit} is durable, nothing may be acknowledged, and every later call but {@link #close}
 * throws {@link StoreException.Unavailable} with the first failure as its cause. What was committed before stays readable.
 * A failed flush is never repeated: the kernel may have dropped the pages that it could not write.
 *
 * <p>Once the pack is sealed or finished, and after {@link #close}, {@link #append} throws
 * {@link IllegalStateException}.
 */
public interface PackWriter extends AutoCloseable {

    /** The pack that is written. */
    PackId pack();

    /**
     * Appends a record. The chunk is taken as it is: whoever calls has verified it. Its buffer may be read until
     * {@link #commit}, {@link #seal} or {@link #close} returns; its position and limit are left alone.
     *
     * @return where the record will stand once {@link #commit} has returned
     * @throws StoreException.Full if the storage has no space left beside its reserve
     */
    RecordLocation append(StoredChunk chunk);

    /**
     * Returns once everything appended survives kill -9 and power loss. Does nothing if nothing was appended since the
     * last commit. On storage whose objects cannot grow, the first commit {@linkplain #isFinished finishes} the pack.
     *
     * @throws StoreException.Full if the storage has no space left
     */
    void commit();

    /** Tells whether nothing more can be appended, because the pack is sealed or because a commit completed it. */
    boolean isFinished();

    /** The length of the pack in bytes with all that was appended, committed or not. */
    long length();

    /**
     * Commits what was appended and marks the pack as complete. Does nothing on a sealed pack, or on one that a commit
     * has finished. A failure leaves a pack without the mark, of which everything committed before is readable.
     *
     * @throws StoreException.Full if the storage has no space left
     */
    void seal();

    /**
     * Releases the writer; may be repeated and never throws. A pack that is not sealed is abandoned: what was committed
     * stays readable, nobody appends to it again, the rest is given back to the storage where that is possible. A pack
     * of which nothing was committed vanishes where that is possible.
     */
    @Override
    void close();
}
