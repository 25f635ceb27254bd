package dev.tidegate.store;

import dev.tidegate.content.StoredChunk;

/** Takes the records of a scanned pack in their order. What it throws ends the scan and reaches its caller. */
@FunctionalInterface
public interface RecordVisitor {

    /**
     * Takes a verified record.
     *
     * @param pack the header of the pack, the same for every record of it
     * @param chunk its buffer is valid during this call only
     */
    void visit(PackHeader pack, RecordLocation location, StoredChunk chunk);
}
