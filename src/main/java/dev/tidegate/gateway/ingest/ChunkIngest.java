package dev.tidegate.gateway.ingest;

import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.Packs;
import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.ChunkException;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codecs;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.gateway.ingest.InFlight.Claim;
import dev.tidegate.gateway.observe.GatewayMetrics;
import dev.tidegate.manifest.Node;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackStore;
import io.opentelemetry.context.Context;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stores chunks. Each is claimed in the order in which it arrives, verified with the others of its message on a pool of the
 * size of the machine, and written by one of its organisation's lanes together with whatever else has come meanwhile.
 */
@ApplicationScoped
public class ChunkIngest {

    private static final Codecs CODECS = new Codecs();

    private final IngestConfig config;
    private final PackStore store;
    private final ChunkIndex index;
    private final Packs packs;
    private final GatewayMetrics metrics;
    private final InFlight inFlight = new InFlight();
    private final MemoryBudget memory;
    private final ExecutorService verifiers;
    private final ConcurrentMap<OrganisationId, Lanes> lanes = new ConcurrentHashMap<>();

    ChunkIngest(IngestConfig config, PackStore store, ChunkIndex index, Packs packs, GatewayMetrics metrics) {
        this.config = config;
        this.store = store;
        this.index = index;
        this.packs = packs;
        this.metrics = metrics;
        this.memory = new MemoryBudget(config.memory());
        this.verifiers = Executors.newFixedThreadPool(
                Runtime.getRuntime().availableProcessors(),
                Thread.ofPlatform().name("chunk-verifier-", 0).daemon().factory());
    }

    /** The bytes that streams hold; they ask it before they read on. */
    public MemoryBudget memory() {
        return memory;
    }

    /**
     * Stores chunks for a push. Not to be called for two messages of one stream at a time: chunks are claimed in the
     * order of the calls, so that a node finds its children in flight.
     *
     * @return completes when all chunks are durable and indexed, with what they cost; or, once none of them is under way
     *     any more, with the failure of the first that was refused. The others may be durable all the same
     */
    public CompletableFuture<PushCost> store(OrganisationId organisation, PushId push, List<IncomingChunk> chunks) {
        Context trace = Context.current();
        List<CompletableFuture<PushCost>> outcomes = new ArrayList<>(chunks.size());
        List<PendingChunk> claimed = new ArrayList<>(chunks.size());
        for (IncomingChunk incoming : chunks) {
            CompletableFuture<Claim> claim =
                    inFlight.claim(organisation, incoming.chunk().digest());
            PendingChunk pending = new PendingChunk(
                    push, incoming.chunk(), incoming.base(), List.of(), trace, new CompletableFuture<>());
            if (claim.isDone()) {
                claimed.add(pending);
            } else {
                var _ = claim.thenRun(() -> verifyLater(organisation, List.of(pending)));
            }
            outcomes.add(claim.thenCompose(outcome -> ended(organisation, pending, outcome)));
        }
        if (!claimed.isEmpty()) {
            verifyLater(organisation, claimed);
        }
        return CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new))
                .thenApply(all -> outcomes.stream().map(CompletableFuture::join).reduce(PushCost.NONE, PushCost::plus));
    }

    private CompletableFuture<PushCost> ended(OrganisationId organisation, PendingChunk pending, Claim claim) {
        return switch (claim) {
            case OWNED ->
                pending.done()
                        .whenComplete((cost, failure) ->
                                inFlight.release(organisation, pending.chunk().digest(), failure == null));
            case STORED -> pending.done();
        };
    }

    private void verifyLater(OrganisationId organisation, List<PendingChunk> arrived) {
        try {
            verifiers.execute(() -> verify(organisation, arrived));
        } catch (RuntimeException | Error refused) {
            // The gateway stops, or there is no thread: nobody else has them.
            arrived.forEach(pending -> pending.done().completeExceptionally(refused));
        }
    }

    private void verify(OrganisationId organisation, List<PendingChunk> arrived) {
        List<PendingChunk> data = arrived.stream()
                .filter(pending -> pending.chunk().kind() == ChunkKind.DATA)
                .toList();
        List<Optional<ChunkException>> refusals;
        try {
            refusals = CODECS.refusals(data.stream().map(PendingChunk::chunk).toList());
        } catch (RuntimeException | Error failure) {
            // None is with a lane yet.
            arrived.forEach(pending -> pending.done().completeExceptionally(failure));
            return;
        }
        for (int i = 0; i < data.size(); i++) {
            PendingChunk pending = data.get(i);
            refusals.get(i)
                    .ifPresentOrElse(pending.done()::completeExceptionally, () -> verified(organisation, pending));
        }
        for (PendingChunk pending : arrived) {
            StoredChunk chunk = pending.chunk();
            if (chunk.kind() != ChunkKind.DATA) {
                try {
                    Node node = Node.decode(chunk.kind(), CODECS.decode(chunk));
                    verified(organisation, pending.naming(node.references()));
                } catch (RuntimeException | Error refused) {
                    pending.done().completeExceptionally(refused);
                }
            }
        }
    }

    /** Hands a chunk to a lane, once what it names has been stored. */
    private void verified(OrganisationId organisation, PendingChunk pending) {
        awaitChildren(organisation, pending)
                .thenRun(() ->
                        lanes.computeIfAbsent(organisation, this::newLanes).add(pending))
                .exceptionally(failure -> {
                    pending.done().completeExceptionally(failure);
                    return null;
                });
    }

    private CompletableFuture<Void> awaitChildren(OrganisationId organisation, PendingChunk pending) {
        // No ring of waiting nodes can be: each waits for what its verified bytes name by hash.
        return CompletableFuture.allOf(pending.references().stream()
                .map(reference -> inFlight.settled(organisation, reference.digest()))
                .filter(Objects::nonNull)
                .toArray(CompletableFuture[]::new));
    }

    private Lanes newLanes(OrganisationId organisation) {
        return new Lanes(
                Thread.ofPlatform().name("pack-lane-" + organisation + "-", 1).factory(),
                config.lanes(),
                config.laneIdle(),
                store.batching(),
                () -> new Lane(organisation, config.packLength(), config.deltas(), store, index, packs, metrics));
    }

    /** Lets what has been taken in be stored, and seals the packs, while the database can still be told. */
    void drain(@Observes ShutdownEvent stopping) {
        lanes.values().forEach(Lanes::drain);
        verifiers.shutdown();
    }
}
