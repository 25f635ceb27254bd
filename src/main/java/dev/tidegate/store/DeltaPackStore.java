package dev.tidegate.store;

import dev.tidegate.content.ChunkException;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Delta;
import dev.tidegate.content.StoredChunk;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads chunks from another store, and those that are stored as a delta together with their bases: whoever asks as the index
 * says gets chunks that decode by themselves. Writes and scans go through as they are.
 */
public final class DeltaPackStore extends ForwardingPackStore {

    /** Takes over the store: closing this closes it. */
    public DeltaPackStore(PackStore store) {
        super(store);
    }

    /** As the store does; where the request says that the record is a delta, the chunk that it stands for, as it is. */
    @Override
    public StoredChunk read(RecordRequest request) {
        StoredChunk chunk = super.read(request);
        return request.delta().isEmpty()
                ? chunk
                : resolve(request, chunk, super.read(request.delta().get().base()));
    }

    /**
     * As the store does, and the same of deltas as {@link #read}. Bases are read beside them in the same order, each once
     * where it is that of several in a row.
     */
    @Override
    public RecordCursor readAll(List<RecordRequest> requests) {
        List<RecordRequest> bases = new ArrayList<>();
        for (RecordRequest request : requests) {
            request.delta()
                    .map(RecordRequest.OfDelta::base)
                    .filter(base -> bases.isEmpty() || !bases.getLast().equals(base))
                    .ifPresent(bases::add);
        }
        return bases.isEmpty()
                ? super.readAll(requests)
                : new Cursor(requests, super.readAll(requests), super.readAll(bases));
    }

    private static StoredChunk resolve(RecordRequest request, StoredChunk chunk, StoredChunk base) {
        RecordLocation location = request.location();
        if (chunk.codec() != Codec.DELTA) {
            throw new StoreException.CorruptRecord(
                    location.pack(), location.offset(), "the record is no delta but " + chunk.codec());
        }
        try {
            return Delta.resolve(chunk, base);
        } catch (ChunkException undecodable) {
            throw new StoreException.CorruptRecord(
                    location.pack(), location.offset(), "the delta gives no chunk: " + undecodable.getMessage());
        }
    }

    /** Two cursors side by side: of what was asked for, and of the bases. */
    private static final class Cursor implements RecordCursor {

        private final List<RecordRequest> requests;
        private final RecordCursor records;

        private final RecordCursor bases;

        private int next;
        private @Nullable RecordRequest lastBase;

        /** The base that was read last; null if it could not be. */
        private @Nullable StoredChunk base;

        private @Nullable RuntimeException unreadable;

        Cursor(List<RecordRequest> requests, RecordCursor records, RecordCursor bases) {
            this.requests = requests;
            this.records = records;
            this.bases = bases;
        }

        @Override
        public boolean hasNext() {
            return records.hasNext();
        }

        @Override
        public int nextLength() {
            int stored = records.nextLength();
            return requests.get(next).delta().map(RecordRequest.OfDelta::length).orElse(stored);
        }

        @Override
        public StoredChunk next() {
            if (!records.hasNext()) {
                return records.next();
            }
            RecordRequest request = requests.get(next++);
            Optional<RecordRequest> wanted = request.delta().map(RecordRequest.OfDelta::base);
            if (wanted.isPresent() && !wanted.get().equals(lastBase)) {
                lastBase = wanted.get();
                readBase();
            }
            StoredChunk chunk = records.next();
            if (wanted.isEmpty()) {
                return chunk;
            }
            if (base == null) {
                throw unreadable == null ? new IllegalStateException("the base was not read") : unreadable;
            }
            return resolve(request, chunk, base);
        }

        private void readBase() {
            base = null;
            unreadable = null;
            // What was made of the one before has bytes of its own.
            bases.recycle();
            try {
                base = bases.next();
            } catch (RuntimeException failure) {
                unreadable = failure;
            }
        }

        @Override
        public void recycle() {
            records.recycle();
        }

        @Override
        public void close() {
            records.close();
            bases.close();
        }
    }
}
