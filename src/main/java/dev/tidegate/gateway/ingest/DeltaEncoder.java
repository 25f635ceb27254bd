package dev.tidegate.gateway.ingest;

import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.ChunkIndex.Found;
import dev.tidegate.catalog.ChunkIndex.Presence;
import dev.tidegate.catalog.PushId;
import dev.tidegate.content.ChunkException;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Delta;
import dev.tidegate.content.DeltaBase;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.RecordRequest;
import dev.tidegate.store.StoreException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes deltas of chunks that are said to resemble others, where that is true. A base is no delta itself: where the one that
 * was named is one, its own takes its place. What fails here is stored whole, and that is all.
 *
 * <p>To compare two chunks costs reading one. Where a push has resembled nothing several times in a row, as one of new
 * weights does, ever fewer of its chunks are compared.
 *
 * <p>Any hint may come from anybody: a base is not much longer than its chunk, and in one batch no more than a certain number of
 * bytes is compared.
 *
 * <p>For one thread, which may block. Holds one base at a time, and of the last pushes how they went.
 */
final class DeltaEncoder {

    private static final Logger LOG = Logger.getLogger(DeltaEncoder.class);

    /** What stores fewer bytes costs little however it is stored. */
    private static final int SHORTEST = 1 << 10;

    /** How many times as long as a chunk its base may be: as the lengths of chunks of one profile are apart, and no more. */
    private static final int LONGER = 16;

    /** How many bytes are read and compared for one batch, in which 8 MiB and about as much of bases are usual. */
    private static final long COMPARED = 64 << 20;

    /** How much of what a chunk would store otherwise its delta stores at most: to keep a base has its price. */
    private static final double WORTHWHILE = 0.75;

    private static final int PUSHES = 64;

    private final OrganisationId organisation;
    private final PackStore store;
    private final ChunkIndex index;
    private final Map<PushId, Luck> lucks = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PushId, Luck> eldest) {
            return size() > PUSHES;
        }
    };

    private @Nullable RecordRequest lastBase;
    private @Nullable StoredChunk lastRead;
    private long compared;

    DeltaEncoder(OrganisationId organisation, PackStore store, ChunkIndex index) {
        this.organisation = organisation;
        this.store = store;
        this.index = index;
    }

    /**
     * A delta and what it is of.
     *
     * @param presence of the base
     */
    record Encoded(StoredChunk chunk, RecordRequest base, Presence presence) {}

    /** Returns those of the chunks, which are verified and not present, that are worth while to store as deltas. */
    Map<Digest, Encoded> encode(Collection<PendingChunk> missing) {
        List<PendingChunk> alike = new ArrayList<>();
        for (PendingChunk pending : missing) {
            if (pending.base().isPresent()
                    && pending.chunk().kind() == ChunkKind.DATA
                    && pending.chunk().storedLength() >= SHORTEST
                    && luckOf(pending).isTried()) {
                alike.add(pending);
            }
        }
        if (alike.isEmpty()) {
            return Map.of();
        }
        try {
            return encode(alike, find(alike));
        } finally {
            lastBase = null;
            lastRead = null;
        }
    }

    private Map<Digest, Encoded> encode(List<PendingChunk> alike, Map<Digest, Found> bases) {
        Map<Digest, Encoded> deltas = HashMap.newHashMap(alike.size());
        compared = 0;
        for (PendingChunk pending : alike) {
            Luck luck = luckOf(pending);
            if (luck.hasLeft() || compared > COMPARED) {
                continue;
            }
            DeltaBase said = pending.base().orElseThrow();
            Found base = bases.get(said.digest());
            Optional<Encoded> delta = base == null || !fits(base, pending.chunk())
                    ? Optional.empty()
                    : encode(pending.chunk(), said.shift(), base);
            delta.ifPresent(encoded -> deltas.put(encoded.chunk.digest(), encoded));
            luck.was(delta.isPresent());
        }
        return deltas;
    }

    /** What is a node, or may have become one, is none's base: a node is kept with all that it names. */
    private static boolean fits(Found base, StoredChunk chunk) {
        RecordRequest whole = base.chunk().base().orElse(base.chunk().request());
        return base.whole().kind() == ChunkKind.DATA
                && !whole.digest().equals(chunk.digest())
                && whole.location().storedLength() <= (long) LONGER * chunk.length()
                && base.chunk().location().storedLength() <= (long) LONGER * chunk.length();
    }

    private Luck luckOf(PendingChunk pending) {
        return lucks.computeIfAbsent(pending.push(), push -> new Luck());
    }

    private Map<Digest, Found> find(List<PendingChunk> alike) {
        List<Digest> digests = alike.stream()
                .flatMap(pending -> pending.base().stream())
                .map(DeltaBase::digest)
                .distinct()
                .toList();
        Map<Digest, Found> bases = HashMap.newHashMap(digests.size());
        try {
            for (Found found : Await.result(() -> index.find(organisation, digests))) {
                bases.put(found.chunk().digest(), found);
            }
        } catch (RuntimeException failure) {
            LOG.warnf("chunks are stored whole: what they resemble cannot be looked up: %s", failure.getMessage());
        }
        return bases;
    }

    private Optional<Encoded> encode(StoredChunk chunk, int saidShift, Found found) {
        try {
            RecordRequest base = found.chunk().base().orElse(found.chunk().request());
            int shift = saidShift;
            compared += base.location().storedLength();
            if (found.chunk().base().isPresent()) {
                compared += found.chunk().location().storedLength();
                // As it stands in its pack: a delta, which says how it lies beside its base.
                shift += Delta.base(store.read(new RecordRequest(
                                found.chunk().location(), found.chunk().digest())))
                        .shift();
            }
            StoredChunk read = read(base);
            if (read.length() > (long) LONGER * chunk.length()) {
                return Optional.empty();
            }
            compared += chunk.length() + (long) read.length();
            return Delta.encode(chunk, read, shift, (int) (WORTHWHILE * chunk.storedLength()))
                    .map(delta -> new Encoded(delta, base, found.whole()));
        } catch (StoreException | ChunkException | IllegalArgumentException unreadable) {
            LOG.warnf(
                    "chunk %s is stored whole: what it resembles cannot be read: %s",
                    chunk.digest(), unreadable.getMessage());
            return Optional.empty();
        }
    }

    /** Reads a base; neighbours often have the same one. */
    private StoredChunk read(RecordRequest base) {
        StoredChunk read = lastRead;
        if (read == null || !base.equals(lastBase)) {
            read = store.read(base);
            lastRead = read;
            lastBase = base;
        }
        return read;
    }

    /** How often the chunks of a push resembled what they were said to. */
    private static final class Luck {

        private static final int PATIENCE = 8;
        private static final int SHORTEST_PAUSE = 16;
        private static final int LONGEST_PAUSE = 1024;

        private int failures;
        private int pause = SHORTEST_PAUSE;
        private int paused;

        /** Whether the next chunk is compared. */
        boolean isTried() {
            if (paused > 0) {
                paused--;
                return false;
            }
            return true;
        }

        /** Whether a pause has begun. */
        boolean hasLeft() {
            return paused > 0;
        }

        void was(boolean good) {
            if (good) {
                failures = 0;
                pause = SHORTEST_PAUSE;
            } else if (++failures >= PATIENCE) {
                paused = pause;
                pause = Math.min(LONGEST_PAUSE, 2 * pause);
            }
        }
    }
}
