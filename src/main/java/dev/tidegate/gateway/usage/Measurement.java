package dev.tidegate.gateway.usage;

import dev.tidegate.catalog.ArtifactId;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.SnapshotId;
import dev.tidegate.catalog.UsageTable;
import dev.tidegate.catalog.Usages;
import dev.tidegate.catalog.Usages.LayerRoot;
import dev.tidegate.catalog.Usages.SnapshotRoot;
import dev.tidegate.content.Digest;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.nodes.NodeStore;
import dev.tidegate.gateway.usage.UsageMeter.Measured;
import dev.tidegate.gateway.usage.UsageMeter.Progress;
import dev.tidegate.manifest.Occurrences;
import dev.tidegate.store.OrganisationId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One measurement, in two steps. First the snapshots that are measured: of each artifact the first is walked whole, of each
 * other what it has more and fewer than the one before, so that the database can tell for each chunk in which of them it is.
 * Then everything else that holds chunks: of these only what may be in the first is noted, as held.
 */
final class Measurement {

    private static final int PAGE = 1_000;

    /** One read of nodes takes at most this part of what may be held. */
    private static final int READS = 8;

    private final OrganisationId organisation;
    private final List<ArtifactId> within;
    private final Usages usages;
    private final UsageTable table;
    private final Progress progress;
    private final Occurrences occurrences;
    private final DigestFilter filter;
    private final Seen seen = new Seen();
    private final Map<SnapshotId, Integer> places = new HashMap<>();
    private long total;
    private long done;

    Measurement(
            OrganisationId organisation,
            List<ArtifactId> within,
            Usages usages,
            NodeStore nodes,
            UsageConfig config,
            UsageTable table,
            Progress progress) {
        this.organisation = organisation;
        this.within = within;
        this.usages = usages;
        this.table = table;
        this.progress = progress;
        this.occurrences = new Occurrences(nodes.source(organisation, config.memory() / READS), config.memory() / 2);
        this.filter = new DigestFilter(config.filter());
    }

    Measured of(List<List<Snapshot>> chains) {
        total = Await.result(() -> usages.countSnapshots(organisation, within));
        List<Snapshot> measured = new ArrayList<>();
        List<Integer> lastOfChains = new ArrayList<>();
        for (List<Snapshot> chain : chains) {
            int number = lastOfChains.size();
            Digest before = null;
            for (Snapshot snapshot : chain) {
                int place = measured.size();
                walk(before, snapshot.root(), (digest, count) -> {
                    table.count(number, place, digest, count);
                    if (count > 0) {
                        filter.add(digest);
                    }
                });
                before = snapshot.root();
                places.put(snapshot.id(), place);
                measured.add(snapshot);
                walked();
            }
            lastOfChains.add(measured.size() - 1);
        }
        layers(this::belongs);
        table.reachBases(filter::add);
        layers(this::hold);
        long compared = others();
        return new Measured(measured, table.finish(measured.size(), lastOfChains), compared);
    }

    private void walk(@Nullable Digest before, Digest root, Occurrences.Visitor visitor) {
        Occurrences.Visitor told = (digest, count) -> {
            progress.at(done, total);
            visitor.counted(digest, count);
        };
        if (before == null) {
            occurrences.of(root, _ -> true, told);
        } else {
            occurrences.between(before, root, told);
        }
    }

    private void walked() {
        done++;
        total = Math.max(done, total);
        progress.at(done, total);
    }

    /** Reads the layers before the other snapshots, so that one that they belong to is among these. */
    private void layers(Consumer<LayerRoot> visitor) {
        Optional<UUID> after = Optional.empty();
        while (true) {
            Optional<UUID> last = after;
            List<LayerRoot> page = Await.result(() -> usages.layers(organisation, within, last, PAGE));
            page.forEach(visitor);
            if (page.size() < PAGE) {
                return;
            }
            after = Optional.of(page.getLast().id());
        }
    }

    /**
     * A layer that a writer has now goes with the newest snapshot of its artifact: if that was walked, what the layer has
     * besides is what counts.
     */
    private void belongs(LayerRoot layer) {
        SnapshotRoot newest = layer.newest().orElse(null);
        Integer place = newest == null ? null : places.get(newest.id());
        if (!layer.pending() && newest != null && place != null) {
            walk(newest.root(), layer.root(), (digest, count) -> {
                if (count > 0) {
                    table.belongs(place, digest);
                    // It may be a delta that stays, and its base with it.
                    filter.add(digest);
                }
            });
        }
    }

    /** Any other layer stays; a snapshot that it belongs to will be walked. */
    private void hold(LayerRoot layer) {
        Digest newest = layer.newest().map(SnapshotRoot::root).orElse(null);
        if (layer.pending() || newest == null) {
            hold(null, layer.root());
        } else if (!places.containsKey(layer.newest().orElseThrow().id())) {
            hold(newest, layer.root());
        }
    }

    /** Walks every other snapshot, and returns how many there are. */
    private long others() {
        long walked = 0;
        SnapshotRoot last = null;
        Optional<SnapshotId> after = Optional.empty();
        while (true) {
            Optional<SnapshotId> from = after;
            List<SnapshotRoot> page = Await.result(() -> usages.snapshots(organisation, within, from, PAGE));
            for (SnapshotRoot snapshot : page) {
                if (!places.containsKey(snapshot.id())) {
                    boolean follows = last != null
                            && last.id().artifact().equals(snapshot.id().artifact());
                    hold(follows && last != null ? last.root() : null, snapshot.root());
                    last = snapshot;
                    walked++;
                    walked();
                }
            }
            if (page.size() < PAGE) {
                return walked;
            }
            after = Optional.of(page.getLast().id());
        }
    }

    /** Holds what a tree has, or what it has besides another one that is held. */
    private void hold(@Nullable Digest before, Digest root) {
        Occurrences.Visitor visitor = (digest, count) -> {
            progress.at(done, total);
            if (count > 0 && filter.mayHave(digest)) {
                table.hold(digest);
            }
        };
        if (before == null) {
            occurrences.of(root, seen::first, visitor);
        } else {
            occurrences.between(before, root, visitor);
        }
    }

    /** Nodes of which everything has been held already: those of one artifact may be in many that have grown out of it. */
    private static final class Seen {

        private static final int MOST = 65_536;

        private final Map<Digest, Boolean> nodes = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Digest, Boolean> eldest) {
                return size() > MOST;
            }
        };

        boolean first(Digest node) {
            return nodes.put(node, true) == null;
        }
    }
}
