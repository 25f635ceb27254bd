package dev.tidegate.gateway.observe;

import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.ForwardingPackStore;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackId;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.PackWriter;
import dev.tidegate.store.RecordCursor;
import dev.tidegate.store.RecordLocation;
import dev.tidegate.store.RecordRequest;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes spans of what a store reads and writes for a call; what it does for none is as it was. */
public final class TracedPackStore extends ForwardingPackStore {

    private static final String RECORDS = "tidegate.records";
    private static final String BYTES = "tidegate.stored_bytes";

    private final Tracer tracer;

    /** Takes over the store: closing this closes it. */
    public TracedPackStore(PackStore store, Tracer tracer) {
        super(store);
        this.tracer = tracer;
    }

    @Override
    public PackWriter create(OrganisationId organisation, PackId pack) {
        return new Writer(within("store create", () -> super.create(organisation, pack)));
    }

    @Override
    public StoredChunk read(RecordRequest request) {
        return within("store read", () -> super.read(request));
    }

    @Override
    public RecordCursor readAll(List<RecordRequest> requests) {
        return new Cursor(super.readAll(requests), Context.current());
    }

    private static boolean isTraced(Context context) {
        return Span.fromContext(context).getSpanContext().isValid();
    }

    private <T> T within(String name, Supplier<T> work) {
        if (!isTraced(Context.current())) {
            return work.get();
        }
        Span span = tracer.spanBuilder(name).startSpan();
        try {
            return work.get();
        } catch (RuntimeException | Error failure) {
            failed(span, failure);
            throw failure;
        } finally {
            span.end();
        }
    }

    private static void failed(Span span, Throwable failure) {
        span.recordException(failure);
        span.setStatus(StatusCode.ERROR);
    }

    /** From the first append since a commit to the end of the next: that is what a batch waits for. */
    private final class Writer implements PackWriter {

        private final PackWriter writer;
        private @Nullable Span span;
        private long records;
        private long bytes;

        Writer(PackWriter writer) {
            this.writer = writer;
        }

        @Override
        public PackId pack() {
            return writer.pack();
        }

        @Override
        public RecordLocation append(StoredChunk chunk) {
            if (span == null && isTraced(Context.current())) {
                span = tracer.spanBuilder("store append").startSpan();
            }
            RecordLocation location = during(() -> writer.append(chunk));
            records++;
            bytes += location.storedLength();
            return location;
        }

        @Override
        public void commit() {
            during(() -> {
                writer.commit();
                return true;
            });
            end();
        }

        @Override
        public boolean isFinished() {
            return writer.isFinished();
        }

        @Override
        public long length() {
            return writer.length();
        }

        @Override
        public void seal() {
            writer.seal();
            end();
        }

        @Override
        public void close() {
            writer.close();
            end();
        }

        private <T> T during(Supplier<T> work) {
            try {
                return work.get();
            } catch (RuntimeException | Error failure) {
                if (span != null) {
                    failed(span, failure);
                }
                end();
                throw failure;
            }
        }

        private void end() {
            if (span != null) {
                span.setAttribute(RECORDS, records);
                span.setAttribute(BYTES, bytes);
                span.end();
            }
            span = null;
            records = 0;
            bytes = 0;
        }
    }

    /** From the first read to the close; whoever sends on what was read waits for its reader in between. */
    private final class Cursor implements RecordCursor {

        private final RecordCursor cursor;
        private final Context parent;
        private @Nullable Span span;
        private long records;
        private long bytes;
        private long nanos;

        Cursor(RecordCursor cursor, Context parent) {
            this.cursor = cursor;
            this.parent = parent;
        }

        @Override
        public boolean hasNext() {
            return cursor.hasNext();
        }

        @Override
        public int nextLength() {
            return cursor.nextLength();
        }

        @Override
        public StoredChunk next() {
            if (span == null && isTraced(parent)) {
                span = tracer.spanBuilder("store read").setParent(parent).startSpan();
            }
            long begin = System.nanoTime();
            try {
                StoredChunk chunk = cursor.next();
                records++;
                bytes += chunk.storedLength();
                return chunk;
            } catch (RuntimeException | Error failure) {
                if (span != null) {
                    failed(span, failure);
                }
                throw failure;
            } finally {
                nanos += System.nanoTime() - begin;
            }
        }

        @Override
        public void recycle() {
            cursor.recycle();
        }

        @Override
        public void close() {
            cursor.close();
            if (span != null) {
                span.setAttribute(RECORDS, records);
                span.setAttribute(BYTES, bytes);
                span.setAttribute("tidegate.read_nanoseconds", nanos);
                span.end();
                span = null;
            }
        }
    }
}
