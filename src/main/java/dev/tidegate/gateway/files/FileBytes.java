package dev.tidegate.gateway.files;

import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.IndexedChunk;
import dev.tidegate.content.Codecs;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.observe.GatewayMetrics;
import dev.tidegate.manifest.ContentChunk;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.RecordCursor;
import dev.tidegate.store.RecordRequest;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a range of a file, a chunk at a time, each verified. Chunks are looked up in batches and read when they are
 * asked for. For one thread, which may block.
 */
public final class FileBytes implements AutoCloseable {

    private static final Codecs CODECS = new Codecs();

    /** The bytes of the first batch, and of the largest: whoever reads a range may stop soon. */
    private static final long FIRST_BATCH = 1 << 20;

    private static final long LARGEST_BATCH = 8 << 20;

    private final OrganisationId organisation;
    private final ChunkIndex index;
    private final PackStore store;
    private final GatewayMetrics metrics;
    private final Iterator<ContentChunk> chunks;
    private final long to;

    /** The place of the next byte. */
    private long position;

    private long batch = FIRST_BATCH;

    /** Those of the batch whose bytes have not been read. */
    private final Deque<ContentChunk> located = new ArrayDeque<>();

    private @Nullable RecordCursor cursor;

    FileBytes(
            OrganisationId organisation,
            ChunkIndex index,
            PackStore store,
            GatewayMetrics metrics,
            Iterator<ContentChunk> chunks,
            long from,
            long to) {
        this.organisation = organisation;
        this.index = index;
        this.store = store;
        this.metrics = metrics;
        this.chunks = chunks;
        this.position = from;
        this.to = to;
    }

    /** Returns the next bytes, at most a chunk's; null at the end of the range. Nobody changes them. */
    public @Nullable ByteBuffer next() {
        if (position >= to) {
            return null;
        }
        RecordCursor records = cursor;
        if (records == null || located.isEmpty()) {
            records = locate();
        }
        ContentChunk chunk = located.remove();
        ByteBuffer bytes = CODECS.decode(records.next()).duplicate();
        if (bytes.remaining() != chunk.length()) {
            throw new IllegalStateException("chunk " + chunk.digest() + " has " + bytes.remaining()
                    + " bytes, its file's tree says " + chunk.length());
        }
        int begin = (int) (position - chunk.offset());
        int end = (int) Math.min(chunk.length(), to - chunk.offset());
        position = chunk.offset() + end;
        metrics.sent(end - begin);
        return bytes.slice(bytes.position() + begin, end - begin);
    }

    private RecordCursor locate() {
        close();
        List<Digest> digests = new ArrayList<>();
        long bytes = 0;
        while (bytes < batch && chunks.hasNext() && position + bytes < to) {
            ContentChunk chunk = chunks.next();
            located.add(chunk);
            digests.add(chunk.digest());
            bytes += chunk.length();
        }
        batch = Math.min(LARGEST_BATCH, 2 * batch);
        List<RecordRequest> requests = Await.result(() -> index.locate(organisation, digests)).stream()
                .map(IndexedChunk::request)
                .toList();
        RecordCursor opened = store.readAll(requests);
        cursor = opened;
        return opened;
    }

    @Override
    public void close() {
        RecordCursor open = cursor;
        if (open != null) {
            open.close();
        }
    }
}
