package dev.tidegate.gateway.watch;

import dev.tidegate.catalog.Announcements;
import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.ArtifactId;
import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.Snapshots;
import dev.tidegate.gateway.ingest.Await;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/** All watches of this gateway. They share a few threads that look into the catalogue. */
@ApplicationScoped
public class Watches implements Announcements.Listener {

    /** How many snapshots a watch takes up at once. */
    private static final int LOOK = 16;

    private final Snapshots snapshots;
    private final Announcements announcements;
    private final int limit;
    private final Semaphore free;
    private final ExecutorService lookups;
    private final ConcurrentHashMap<ArtifactId, Set<Watch>> open = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    Watches(WatchConfig config, Snapshots snapshots, Announcements announcements) {
        this.snapshots = snapshots;
        this.announcements = announcements;
        this.limit = config.watches();
        this.free = new Semaphore(limit);
        this.lookups = Executors.newFixedThreadPool(
                config.lookups(), Thread.ofVirtual().name("watch-lookup-", 0).factory());
    }

    void start(@Observes StartupEvent event) {
        announcements.start(this);
    }

    /** Before anything that waits for calls to end: watches never do. */
    void stop(@Observes @Priority(1) ShutdownEvent event) {
        stopped = true;
        announcements.stop();
        open.values().forEach(watches -> watches.forEach(Watch::stopped));
        lookups.shutdownNow();
    }

    /** How many watches may be open at a time. */
    public int limit() {
        return limit;
    }

    /**
     * Begins to watch an artifact that the caller may see. Nothing is sent before {@link Watch#wake} is called.
     *
     * @param after the number of the last snapshot that the caller knows; 0 for none
     * @param newestOnly whether those are passed over that are overtaken before they are taken
     * @return nothing if too many watches are open
     */
    public Optional<Watch> open(Artifact artifact, long after, boolean newestOnly, Watch.Sink sink) {
        if (!free.tryAcquire()) {
            return Optional.empty();
        }
        Watch watch = new Watch(this, artifact, after, newestOnly, sink);
        open.compute(artifact.id(), (_, watches) -> {
            Set<Watch> all = watches == null ? ConcurrentHashMap.newKeySet() : watches;
            all.add(watch);
            return all;
        });
        if (stopped) {
            watch.stopped();
        }
        return Optional.of(watch);
    }

    void forget(Watch watch) {
        open.computeIfPresent(watch.artifact().id(), (_, watches) -> {
            watches.remove(watch);
            return watches.isEmpty() ? null : watches;
        });
        free.release();
    }

    @Override
    public void published(ArtifactId artifact) {
        open.getOrDefault(artifact, Set.of()).forEach(Watch::published);
    }

    @Override
    public void listening() {
        open.values().forEach(watches -> watches.forEach(Watch::published));
    }

    /** Looks for snapshots of a watch, once it is its turn. */
    void look(Watch watch) {
        try {
            lookups.execute(() -> lookNow(watch));
        } catch (RejectedExecutionException stopping) {
            // The watch has been ended, or is just being.
            return;
        }
    }

    private void lookNow(Watch watch) {
        try {
            long after = watch.after();
            List<Snapshot> found = Await.result(() -> watch.newestOnly()
                    ? snapshots.newestAfter(watch.artifact(), after)
                    : snapshots.after(watch.artifact(), after, LOOK));
            watch.looked(found, !watch.newestOnly() && found.size() == LOOK);
        } catch (RuntimeException failure) {
            watch.failed(failure);
        }
    }
}
