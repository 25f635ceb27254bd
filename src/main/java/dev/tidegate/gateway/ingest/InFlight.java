package dev.tidegate.gateway.ingest;

import dev.tidegate.content.Digest;
import dev.tidegate.store.OrganisationId;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The chunks that this gateway is storing just now. Of several who bring the same chunk one owns it and stores it; the
 * others wait. If the owner succeeds they only have to lease what is there; if it fails, the next one owns the chunk.
 *
 * <p>Bounded by the memory that frames may take. Thread-safe.
 */
final class InFlight {

    /** What a claim ends in. */
    enum Claim {
        /** The caller stores the chunk, and then releases it. */
        OWNED,
        /** Somebody else has stored it meanwhile; there is nothing to release. */
        STORED
    }

    private record Key(OrganisationId organisation, Digest digest) {}

    /**
     * A chunk that somebody owns.
     *
     * @param waiting those who want it next
     * @param settled completes when nobody owns it any more
     */
    private record Entry(Queue<CompletableFuture<Claim>> waiting, CompletableFuture<@Nullable Void> settled) {}

    private final ConcurrentMap<Key, Entry> entries = new ConcurrentHashMap<>();

    /** Claims a chunk: complete at once with {@link Claim#OWNED} if nobody owns it. */
    CompletableFuture<Claim> claim(OrganisationId organisation, Digest digest) {
        CompletableFuture<Claim> claim = new CompletableFuture<>();
        entries.compute(new Key(organisation, digest), (key, entry) -> {
            if (entry == null) {
                claim.complete(Claim.OWNED);
                return new Entry(new ArrayDeque<>(1), new CompletableFuture<>());
            }
            entry.waiting().add(claim);
            return entry;
        });
        return claim;
    }

    /** Returns a future of the moment in which nobody owns the chunk any more, or null if nobody does. */
    @Nullable
    CompletableFuture<@Nullable Void> settled(OrganisationId organisation, Digest digest) {
        Entry entry = entries.get(new Key(organisation, digest));
        return entry == null ? null : entry.settled();
    }

    /** Ends the ownership, once what there is to see can be seen. */
    void release(OrganisationId organisation, Digest digest, boolean stored) {
        AtomicReference<@Nullable CompletableFuture<Claim>> next = new AtomicReference<>();
        AtomicReference<@Nullable Entry> last = new AtomicReference<>();
        entries.computeIfPresent(new Key(organisation, digest), (key, entry) -> {
            CompletableFuture<Claim> first = stored ? null : entry.waiting().poll();
            if (first == null) {
                last.set(entry);
                return null;
            }
            next.set(first);
            return entry;
        });
        // Callbacks run outside the map's lock.
        CompletableFuture<Claim> heir = next.get();
        if (heir != null) {
            heir.complete(Claim.OWNED);
        }
        Entry settled = last.get();
        if (settled != null) {
            settled.waiting().forEach(waiter -> waiter.complete(Claim.STORED));
            settled.settled().complete(null);
        }
    }
}
