package dev.tidegate.store;

import dev.tidegate.content.StoredChunk;
import java.util.List;
import java.util.stream.Stream;

/** Does everything as another store does it, for those who do some of it otherwise. Owns that store: closing this closes it. */
public abstract class ForwardingPackStore implements PackStore {

    private final PackStore store;

    /** Takes over the store. */
    protected ForwardingPackStore(PackStore store) {
        this.store = store;
    }

    @Override
    public PackWriter create(OrganisationId organisation, PackId pack) {
        return store.create(organisation, pack);
    }

    @Override
    public StoredChunk read(RecordRequest request) {
        return store.read(request);
    }

    @Override
    public RecordCursor readAll(List<RecordRequest> requests) {
        return store.readAll(requests);
    }

    @Override
    public PackScan scan(PackId pack, RecordVisitor visitor) {
        return store.scan(pack, visitor);
    }

    @Override
    public Stream<PackSummary> list() {
        return store.list();
    }

    @Override
    public void delete(PackId pack) {
        store.delete(pack);
    }

    @Override
    public Batching batching() {
        return store.batching();
    }

    @Override
    public long usableSpace() {
        return store.usableSpace();
    }

    @Override
    public void checkWritable() {
        store.checkWritable();
    }

    @Override
    public void close() {
        store.close();
    }
}
