package dev.tidegate.workstation.sync;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.SnapshotWatch;
import dev.tidegate.materialise.SecureTree;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Brings directories to the state of artifacts. */
public final class Sync {

    private final GatewayConnection connection;
    private final Predicate<SecureTree> foldsNames;

    /** Is told of each artifact that was synced. */
    @FunctionalInterface
    public interface Synced {
        /** A directory holds the snapshot. */
        void accept(SyncReport report) throws IOException;
    }

    /** Reads over {@code connection}, which stays open. */
    public Sync(GatewayConnection connection) {
        this(connection, SecureTree::foldsNames);
    }

    Sync(GatewayConnection connection, Predicate<SecureTree> foldsNames) {
        this.connection = connection;
        this.foldsNames = foldsNames;
    }

    /**
     * Syncs artifacts, one after the other. With {@link SyncOptions#strict} all are surveyed before the first is changed.
     *
     * @param synced is told of each artifact as its directory holds the snapshot: what fails later does not undo it
     * @throws LocalEditsException if there are local edits and {@link SyncOptions#strict}; nothing was changed
     * @throws SyncRefusedException if a directory cannot be synced
     * @throws IOException if a directory cannot be read or written: at each file's place is the old or the new one; or what
     *     {@code synced} threw
     * @throws dev.tidegate.client.GatewayException if the gateway refuses or stays away
     * @throws dev.tidegate.client.CallInterruptedException if the thread was interrupted
     */
    public void sync(List<SyncTarget> targets, SyncOptions options, SyncListener listener, Synced synced)
            throws IOException {
        if (options.strict()) {
            requireNoEdits(targets, options);
        }
        for (SyncTarget target : targets) {
            synced.accept(sync(target, options, listener));
        }
    }

    private SyncReport sync(SyncTarget target, SyncOptions options, SyncListener listener) throws IOException {
        if (target.snapshot().isEmpty()) {
            SyncCounts counts = new SyncCounts();
            if (target.makeDirectory()) {
                counts.directoriesMade.incrementAndGet();
            }
            Path directory = target.directory().toRealPath();
            target.requireOwn(directory, LocalState.marker(directory));
            return new SyncReport(
                    target.artifact(),
                    directory,
                    Optional.empty(),
                    0,
                    counts.done(0),
                    Listing.NONE,
                    Listing.NONE,
                    Listing.NONE,
                    Duration.ZERO);
        }
        Snapshot snapshot = target.snapshot().get();
        try (ArtifactSync sync = ArtifactSync.open(connection, target, snapshot, options, listener, foldsNames)) {
            Survey survey = sync.survey();
            if (options.strict()) {
                requireNone(survey.edits());
            }
            return sync.apply(survey);
        }
    }

    /** Of one artifact the survey of its own sync is enough. */
    private void requireNoEdits(List<SyncTarget> targets, SyncOptions options) throws IOException {
        if (targets.size() == 1) {
            return;
        }
        long count = 0;
        List<String> first = new ArrayList<>();
        for (SyncTarget target : targets) {
            if (target.snapshot().isPresent() && Files.exists(target.directory())) {
                try (ArtifactSync sync = ArtifactSync.open(
                        connection, target, target.snapshot().get(), options, SyncListener.NONE, foldsNames)) {
                    Listing edits = sync.survey().edits();
                    count += edits.count();
                    edits.first()
                            .forEach(path ->
                                    first.add(target.directory().resolve(path).toString()));
                }
            }
        }
        requireNone(new Listing(count, first));
    }

    private static void requireNone(Listing edits) throws LocalEditsException {
        if (edits.count() > 0) {
            throw new LocalEditsException(edits.count(), edits.first());
        }
    }

    /**
     * Goes on after a sync: whenever an artifact has a newer snapshot its directory is brought to the newest. Never returns:
     * it ends as {@link #sync} does, or when the gateway stays away for longer than the connection allows.
     */
    public void follow(List<SyncTarget> targets, SyncOptions options, SyncListener listener, Synced synced)
            throws IOException {
        NewerSnapshots newer = new NewerSnapshots();
        List<Thread> watches = new ArrayList<>();
        try {
            for (SyncTarget target : targets) {
                watches.add(Thread.ofVirtual().name("tidegate-watch").start(() -> watch(target, newer)));
            }
            while (true) {
                synced.accept(sync(newer.take(), options, listener));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("following was interrupted");
        } finally {
            watches.forEach(Thread::interrupt);
        }
    }

    private void watch(SyncTarget target, NewerSnapshots newer) {
        long number = target.snapshot().map(Snapshot::getNumber).orElse(0L);
        try (SnapshotWatch watch = connection.snapshots().watch(target.artifactId(), number, true)) {
            while (true) {
                newer.put(target.at(watch.next()));
            }
        } catch (RuntimeException failure) {
            newer.fail(failure);
        }
    }
}
