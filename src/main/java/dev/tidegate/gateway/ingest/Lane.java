package dev.tidegate.gateway.ingest;

import dev.tidegate.catalog.CatalogException.ChunksCollected;
import dev.tidegate.catalog.CatalogException.PushClosed;
import dev.tidegate.catalog.CatalogException.ReferenceAbsent;
import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.ChunkIndex.Presence;
import dev.tidegate.catalog.IndexedChunk;
import dev.tidegate.catalog.Packs;
import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.gateway.observe.GatewayMetrics;
import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackId;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.PackWriter;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One thread that writes one pack at a time. For each batch: look up what is there already; append the rest and flush;
 * index it and lease all of it to its pushes, in one transaction; only then complete the futures. A crash between two
 * steps leaves bytes that nothing refers to, never a reference to nothing.
 */
final class Lane implements Lanes.BatchStore {

    private static final Logger LOG = Logger.getLogger(Lane.class);

    private final OrganisationId organisation;
    private final long packLength;
    private final @Nullable DeltaEncoder deltas;
    private final PackStore store;
    private final ChunkIndex index;
    private final Packs packs;
    private final GatewayMetrics metrics;
    private @Nullable PackWriter writer;

    Lane(
            OrganisationId organisation,
            long packLength,
            boolean deltas,
            PackStore store,
            ChunkIndex index,
            Packs packs,
            GatewayMetrics metrics) {
        this.organisation = organisation;
        this.packLength = packLength;
        this.deltas = deltas ? new DeltaEncoder(organisation, store, index) : null;
        this.store = store;
        this.index = index;
        this.packs = packs;
        this.metrics = metrics;
    }

    @Override
    public void store(List<PendingChunk> batch) {
        Span span = span(batch);
        try (Scope _ = span.makeCurrent()) {
            Map<Digest, Presence> present = Await.result(() -> index.probe(organisation, named(batch)));
            List<PendingChunk> accepted = accept(batch, present);
            if (!accepted.isEmpty()) {
                Collection<PendingChunk> missing = missing(accepted, present).values();
                Map<Digest, DeltaEncoder.Encoded> encoded = deltas == null ? Map.of() : deltas.encode(missing);
                encoded.values().forEach(delta -> present.put(delta.base().digest(), delta.presence()));
                index(accepted, append(missing, encoded), present);
            }
        } catch (RuntimeException | Error failure) {
            span.setStatus(StatusCode.ERROR);
            batch.forEach(pending -> pending.done().completeExceptionally(failure));
        } finally {
            span.end();
            rotate();
        }
    }

    /** A batch is part of the trace of its first chunk, and linked to those of all others. */
    private static Span span(List<PendingChunk> batch) {
        Span push = Span.fromContext(batch.getFirst().trace());
        if (!push.getSpanContext().isSampled()) {
            return Span.getInvalid();
        }
        SpanBuilder span = GlobalOpenTelemetry.getTracer("dev.tidegate")
                .spanBuilder("group commit")
                .setParent(batch.getFirst().trace())
                .setAttribute("tidegate.chunks", batch.size());
        Set<SpanContext> traces = new LinkedHashSet<>();
        for (PendingChunk pending : batch) {
            traces.add(Span.fromContext(pending.trace()).getSpanContext());
        }
        traces.stream().skip(1).forEach(span::addLink);
        return span.startSpan();
    }

    /** The digests of the batch, and of all that its nodes name. */
    private static Set<Digest> named(List<PendingChunk> batch) {
        Set<Digest> digests = new HashSet<>();
        for (PendingChunk pending : batch) {
            digests.add(pending.chunk().digest());
            pending.references().forEach(reference -> digests.add(reference.digest()));
        }
        return digests;
    }

    /** Refuses the nodes that name something absent, and returns the others with all data. */
    private static List<PendingChunk> accept(List<PendingChunk> batch, Map<Digest, Presence> present) {
        List<PendingChunk> accepted = new ArrayList<>(batch.size());
        for (PendingChunk pending : batch) {
            Digest absent = absent(pending.references(), present);
            if (absent == null) {
                accepted.add(pending);
            } else {
                pending.done()
                        .completeExceptionally(
                                new ReferenceAbsent(pending.chunk().digest(), absent));
            }
        }
        return accepted;
    }

    private static @Nullable Digest absent(List<ChunkReference> references, Map<Digest, Presence> present) {
        for (ChunkReference reference : references) {
            Presence found = present.get(reference.digest());
            if (found == null || !found.kind().serves(reference.kind())) {
                return reference.digest();
            }
        }
        return null;
    }

    private static boolean isStored(StoredChunk chunk, Map<Digest, Presence> present) {
        Presence found = present.get(chunk.digest());
        return found != null && found.kind().serves(chunk.kind());
    }

    /**
     * Returns what is not stored yet, each digest once, as the kind that serves all who bring it: those who waited for a
     * chunk that somebody else stored as data may bring it as a node, several at a time.
     */
    private static Map<Digest, PendingChunk> missing(List<PendingChunk> batch, Map<Digest, Presence> present) {
        Map<Digest, PendingChunk> missing = new LinkedHashMap<>();
        for (PendingChunk pending : batch) {
            if (!isStored(pending.chunk(), present)) {
                missing.merge(
                        pending.chunk().digest(),
                        pending,
                        (one, other) -> one.chunk().kind().serves(other.chunk().kind()) ? one : other);
            }
        }
        return missing;
    }

    /** Appends what is not stored yet, as deltas what is {@code encoded}, and flushes it. */
    private List<IndexedChunk> append(Collection<PendingChunk> missing, Map<Digest, DeltaEncoder.Encoded> encoded) {
        List<IndexedChunk> appended = new ArrayList<>(missing.size());
        try {
            for (PendingChunk pending : missing) {
                DeltaEncoder.Encoded delta = encoded.get(pending.chunk().digest());
                StoredChunk chunk = delta == null ? pending.chunk() : delta.chunk();
                PackWriter open = writer();
                appended.add(new IndexedChunk(
                        chunk.digest(),
                        chunk.kind(),
                        chunk.codec(),
                        chunk.length(),
                        open.append(chunk),
                        Optional.ofNullable(delta).map(DeltaEncoder.Encoded::base)));
            }
            if (writer != null) {
                writer.commit();
            }
            flushed(appended);
            return appended;
        } catch (RuntimeException | Error failure) {
            // Nobody knows how far the pack has come.
            giveUp();
            throw failure;
        }
    }

    private PackWriter writer() {
        if (writer == null) {
            PackId pack = packs.nextId();
            PackWriter created = store.create(organisation, pack);
            try {
                Await.result(() -> packs.opened(organisation, pack));
            } catch (RuntimeException | Error unrecorded) {
                created.close();
                throw unrecorded;
            }
            writer = created;
        }
        return writer;
    }

    /** Writes the index rows. A push that has been closed meanwhile takes nobody else's chunks with it. */
    private void index(List<PendingChunk> accepted, List<IndexedChunk> appended, Map<Digest, Presence> present) {
        List<PendingChunk> rest = accepted;
        List<IndexedChunk> rows = appended;
        while (!rest.isEmpty()) {
            Set<PushId> pushes = rest.stream().map(PendingChunk::push).collect(Collectors.toSet());
            try {
                complete(rest, rows, write(rest, pushes, rows, present));
                return;
            } catch (ChunksCollected collected) {
                // It may be what deltas are of, on which nobody relied but this lane.
                if (rows.stream().allMatch(row -> row.base().isEmpty())) {
                    throw collected;
                }
                rotate();
                rows = append(missing(rest, present).values(), Map.of());
            } catch (PushClosed closed) {
                List<PendingChunk> others = new ArrayList<>();
                for (PendingChunk pending : rest) {
                    if (pending.push().equals(closed.push())) {
                        pending.done().completeExceptionally(closed);
                    } else {
                        others.add(pending);
                    }
                }
                rest = others;
            }
        }
    }

    private Set<Digest> write(
            List<PendingChunk> batch, Set<PushId> pushes, List<IndexedChunk> appended, Map<Digest, Presence> present) {
        // As what these bring it: a push that has been closed may have brought it as a node, whose references are not
        // leased.
        Map<Digest, PendingChunk> missing = missing(batch, present);
        Set<Digest> wanted = named(batch);
        List<IndexedChunk> rows = new ArrayList<>();
        for (IndexedChunk chunk : appended) {
            PendingChunk brought = missing.get(chunk.digest());
            if (brought != null) {
                rows.add(chunk.as(brought.chunk().kind()));
                chunk.base().ifPresent(base -> wanted.add(base.digest()));
            }
        }
        Map<Digest, Presence> reused = new HashMap<>(present);
        reused.keySet().retainAll(wanted);
        return Await.result(() -> index.insert(organisation, pushes, rows, reused));
    }

    private void complete(List<PendingChunk> batch, List<IndexedChunk> appended, Set<Digest> inserted) {
        Map<Digest, Integer> storedLengths = HashMap.newHashMap(appended.size());
        appended.forEach(
                chunk -> storedLengths.put(chunk.digest(), chunk.location().storedLength()));
        PushCost total = PushCost.NONE;
        long spared = 0;
        Set<Digest> uncounted = new HashSet<>(inserted);
        for (PendingChunk pending : batch) {
            StoredChunk chunk = pending.chunk();
            PushCost cost = PushCost.NONE;
            if (uncounted.remove(chunk.digest())) {
                int stored = storedLengths.getOrDefault(chunk.digest(), 0);
                cost = new PushCost(1, chunk.length(), stored);
                spared += chunk.storedLength() - stored;
            }
            total = total.plus(cost);
            pending.done().complete(cost);
        }
        metrics.indexed(total, batch.size() - Math.toIntExact(total.newChunks()));
        metrics.spared(Math.max(0, spared));
    }

    private void flushed(List<IndexedChunk> appended) {
        if (!appended.isEmpty()) {
            metrics.flushed(
                    appended.size(),
                    appended.stream()
                            .mapToLong(chunk -> chunk.location().storedLength())
                            .sum());
        }
    }

    /** Seals a pack that is long enough. What is in it is acknowledged already, so a failure only loses the seal. */
    private void rotate() {
        if (writer != null && (writer.isFinished() || writer.length() >= packLength)) {
            seal();
        }
    }

    private void seal() {
        if (writer == null) {
            return;
        }
        PackId pack = writer.pack();
        try {
            writer.seal();
            long length = writer.length();
            Await.result(() -> packs.sealed(organisation, pack, length));
        } catch (RuntimeException failure) {
            LOG.warnf(failure, "pack %s could not be sealed; all that was acknowledged is in it", pack);
        }
        writer.close();
        writer = null;
    }

    private void giveUp() {
        if (writer == null) {
            return;
        }
        PackId pack = writer.pack();
        writer.close();
        writer = null;
        try {
            Await.result(() -> packs.givenUp(organisation, pack));
        } catch (RuntimeException failure) {
            LOG.warnf(failure, "pack %s was given up, which the catalogue does not know yet", pack);
        }
    }

    @Override
    public void close() {
        seal();
    }
}
