package dev.tidegate.workstation.logs;

import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.Page;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.client.SnapshotName.Selection;
import dev.tidegate.client.SnapshotWatch;
import dev.tidegate.client.Snapshots;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.files.RankLog;
import dev.tidegate.manifest.Change;
import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.manifest.Diff;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.workstation.NoSuchEntryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the logs of an experiment's ranks. Lines carry no times, so those of several ranks are interleaved by the snapshots
 * in which they have appeared: as close as the cadence of the logs. All of one rank alone, and its last lines, are read from
 * the newest snapshot.
 *
 * <p>A log grows at its end. One that has become shorter, or is there again, was begun anew and is read from its first byte;
 * its last lines are those of the newest one.
 *
 * <p>Methods throw {@link GatewayException} and {@link dev.tidegate.client.CallInterruptedException}. For one thread, and one
 * use.
 */
public final class LogReader {

    /** Snapshots are looked at so many at a time, while more are there. */
    private static final int SNAPSHOTS = 64;

    /** How long another snapshot is waited for before what came is shown. */
    private static final Duration LULL = Duration.ofMillis(50);

    private static final int FIRST_BLOCK = 64 << 10;
    private static final int LARGEST_BLOCK = 4 << 20;

    private final GatewayConnection connection;
    private final String artifact;
    private final Set<Integer> ranks;
    private final LogSink sink;
    private final NodeSource nodes;
    private final TreeReader tree;
    private final Diff diff;
    private final LogPieces pieces;

    /** Up to where each log has been read. */
    private final Map<Integer, Long> positions = new HashMap<>();

    /** The numbers of the snapshots before which nothing is shown of a log; none for one that is shown wherever it is met. */
    private final Map<Integer, Long> firsts = new HashMap<>();

    /** The tree up to which everything has been looked at; null for an empty one. */
    private @Nullable Digest seen;

    /**
     * Reads over {@code connection}, which stays open.
     *
     * @param artifact the id of an artifact of logs, or {@code EXPERIMENT/logs}
     * @param ranks those to read; empty for all
     */
    public LogReader(GatewayConnection connection, String artifact, Set<Integer> ranks, LogSink sink) {
        this.connection = connection;
        this.artifact = artifact;
        this.ranks = Set.copyOf(ranks);
        this.sink = sink;
        this.nodes = connection.nodes();
        this.tree = new TreeReader(nodes);
        this.diff = new Diff(nodes);
        this.pieces = new LogPieces(connection.chunks(), sink);
    }

    /**
     * Reads to the end of the newest snapshot.
     *
     * @return whether there is a snapshot
     * @throws NoSuchEntryException if that has no such log
     * @throws IOException that the sink threw
     */
    public boolean read(LogBegin begin) throws IOException {
        Optional<Snapshot> newest = snapshot(new Selection.Newest());
        if (newest.isPresent()) {
            requireLogs(newest.get());
            run(begin, newest, newest.get().getNumber());
        }
        return newest.isPresent();
    }

    /**
     * Reads, and goes on with each snapshot that is published; ends only by an exception.
     *
     * @throws IOException that the sink threw
     */
    public void follow(LogBegin begin) throws IOException {
        run(begin, snapshot(new Selection.Newest()), Long.MAX_VALUE);
    }

    private void run(LogBegin begin, Optional<Snapshot> newest, long last) throws IOException {
        long taken = newest.isEmpty() ? 0 : prepare(begin, newest.get());
        try (SnapshotWatch watch = connection.snapshots().watch(artifact, taken, false)) {
            List<Snapshot> next = new ArrayList<>();
            boolean caughtUp = true;
            while (taken < last) {
                Optional<Snapshot> more = caughtUp ? Optional.of(watch.next()) : watch.next(LULL);
                if (more.isPresent()) {
                    next.add(more.get());
                    taken = more.get().getNumber();
                }
                caughtUp = more.isEmpty();
                if (caughtUp || next.size() == SNAPSHOTS || taken >= last) {
                    show(next, caughtUp);
                    next.clear();
                }
            }
        }
        sink.caughtUp();
    }

    private void show(List<Snapshot> snapshots, boolean caughtUp) throws IOException {
        if (!snapshots.isEmpty()) {
            readRoots(snapshots);
            for (Snapshot snapshot : snapshots) {
                step(snapshot);
            }
            pieces.passOn();
        }
        if (caughtUp) {
            sink.caughtUp();
        }
    }

    /** One call for what would be a call for each. */
    private void readRoots(List<Snapshot> snapshots) {
        nodes.read(snapshots.stream()
                .map(snapshot -> new ChunkReference(Snapshots.root(snapshot), ChunkKind.TREE_NODE))
                .toList());
    }

    /** Finds out what has been read already, and returns the number of the snapshot behind which there is more. */
    private long prepare(LogBegin begin, Snapshot newest) throws IOException {
        boolean interleaved = ranks.size() != 1;
        return switch (begin) {
            case LogBegin.All() -> interleaved ? 0 : newest.getNumber() - 1;
            case LogBegin.Since(var time) -> {
                Optional<Snapshot> then = snapshot(new Selection.At(time));
                then.ifPresent(snapshot -> logs(snapshot, (rank, file) -> positions.put(rank, file.size())));
                yield then.map(this::startBehind).orElse(0L);
            }
            case LogBegin.Last(long lines) -> {
                Map<Integer, Entry.RegularFile> files = new TreeMap<>();
                logs(newest, files::put);
                for (Map.Entry<Integer, Entry.RegularFile> file : files.entrySet()) {
                    positions.put(file.getKey(), lastLines(file.getValue(), lines));
                }
                yield interleaved ? startBeforeLast(newest, files) : newest.getNumber() - 1;
            }
        };
    }

    private long startBehind(Snapshot snapshot) {
        seen = Snapshots.root(snapshot);
        return snapshot.getNumber();
    }

    /**
     * Goes back from the newest snapshot until of each log the snapshot is found with which what is behind its position
     * begins, and starts before the first of these.
     */
    private long startBeforeLast(Snapshot newest, Map<Integer, Entry.RegularFile> files) {
        Set<Integer> sought = new HashSet<>();
        files.forEach((rank, file) -> {
            firsts.put(rank, newest.getNumber());
            if (file.size() > positions.getOrDefault(rank, 0L)) {
                sought.add(rank);
            }
        });
        if (sought.isEmpty()) {
            return startBehind(newest);
        }
        Snapshot after = newest;
        Optional<String> next = Optional.empty();
        do {
            Page<Snapshot> page = connection.snapshots().list(artifact, SNAPSHOTS, next);
            readRoots(page.items());
            for (Snapshot before : page.items()) {
                if (before.getNumber() < after.getNumber()) {
                    seen = Snapshots.root(before);
                    lookBack(after, newest, sought);
                    if (sought.isEmpty()) {
                        return before.getNumber();
                    }
                    after = before;
                }
            }
            next = page.next();
        } while (next.isPresent());
        seen = null;
        lookBack(after, newest, sought);
        return 0;
    }

    /** Looks which of the logs that are sought begin with a snapshot: what the one before it has is {@link #seen}. */
    private void lookBack(Snapshot snapshot, Snapshot newest, Set<Integer> sought) {
        Iterator<Change> changes = changesTo(Snapshots.root(snapshot));
        while (changes.hasNext()) {
            Change change = changes.next();
            OptionalInt found = rank(change.path());
            if (found.isPresent()) {
                int rank = found.getAsInt();
                // What the newest has not is not shown.
                firsts.putIfAbsent(rank, newest.getNumber());
                if (sought.contains(rank) && !continues(change, positions.getOrDefault(rank, 0L))) {
                    firsts.put(rank, snapshot.getNumber());
                    sought.remove(rank);
                }
            }
        }
    }

    /** Tells whether what is behind a position of a log has begun before a change. */
    private static boolean continues(Change change, long position) {
        return change instanceof Change.Changed changed
                && changed.before() instanceof Entry.RegularFile before
                && changed.after() instanceof Entry.RegularFile after
                && before.size() > position
                && before.size() <= after.size();
    }

    /** Where the last lines of a file begin. */
    private long lastLines(Entry.RegularFile file, long lines) throws IOException {
        long end = file.size();
        long wanted = lines;
        int block = FIRST_BLOCK;
        while (end > 0) {
            long from = Math.max(0, end - block);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(block);
            connection.chunks().copy(file, from, end, bytes);
            byte[] text = bytes.toByteArray();
            for (int i = text.length - 1; i >= 0; i--) {
                boolean endsFile = from + i + 1 == file.size();
                if (endsFile && lines == 0) {
                    return file.size();
                }
                if (text[i] == '\n' && !endsFile && --wanted == 0) {
                    return from + i + 1;
                }
            }
            end = from;
            block = Math.min(2 * block, LARGEST_BLOCK);
        }
        return 0;
    }

    /** Takes what a snapshot has that the one before has not. */
    private void step(Snapshot snapshot) throws IOException {
        Iterator<Change> changes = changesTo(Snapshots.root(snapshot));
        while (changes.hasNext()) {
            Change change = changes.next();
            OptionalInt rank = rank(change.path());
            if (rank.isPresent()) {
                long first = firsts.getOrDefault(rank.getAsInt(), 0L);
                if (snapshot.getNumber() < first) {
                    continue;
                }
                switch (change) {
                    case Change.Added added -> grown(snapshot, rank.getAsInt(), 0, added.entry());
                    case Change.Removed _ -> cut(rank.getAsInt());
                    case Change.Changed changed -> {
                        boolean follows = snapshot.getNumber() > first;
                        long before = follows && changed.before() instanceof Entry.RegularFile file ? file.size() : 0;
                        grown(snapshot, rank.getAsInt(), before, changed.after());
                    }
                }
            }
        }
        seen = Snapshots.root(snapshot);
    }

    private void grown(Snapshot snapshot, int rank, long before, Entry entry) throws IOException {
        if (!(entry instanceof Entry.RegularFile file)) {
            cut(rank);
            return;
        }
        if (file.size() < before) {
            cut(rank);
        }
        long from = positions.getOrDefault(rank, 0L);
        if (file.size() > from) {
            pieces.add(snapshot, rank, file, from);
            positions.put(rank, file.size());
        }
    }

    private void cut(int rank) throws IOException {
        if (positions.getOrDefault(rank, 0L) > 0) {
            pieces.passOn();
            positions.remove(rank);
            sink.beganAnew(rank);
        }
    }

    private Iterator<Change> changesTo(Digest root) {
        Digest before = seen;
        if (before != null) {
            return diff.between(before, root);
        }
        List<Change> added = new ArrayList<>();
        tree.list(root, null).forEachRemaining(entry -> {
            if (rank(entry.path()).isPresent()) {
                added.add(new Change.Added(entry.path(), entry.entry()));
            }
        });
        return added.iterator();
    }

    private void requireLogs(Snapshot newest) throws NoSuchEntryException {
        List<String> names = new ArrayList<>();
        tree.list(Snapshots.root(newest), null).forEachRemaining(entry -> {
            if (names.size() < 5 || rank(entry.path()).isPresent()) {
                names.add(entry.path().toString());
            }
        });
        for (int rank : ranks) {
            if (!names.contains(RankLog.name(rank))) {
                throw missing(RankLog.name(rank), newest, names);
            }
        }
        if (ranks.isEmpty()
                && names.stream().allMatch(name -> RankLog.rank(name).isEmpty())) {
            throw missing("rank_N.txt", newest, names);
        }
    }

    private static NoSuchEntryException missing(String name, Snapshot snapshot, List<String> names) {
        String found = names.isEmpty()
                ? ": it is empty"
                : ", it has " + String.join(", ", names.subList(0, Math.min(5, names.size())));
        // What "agent attach --log" keeps, under the names that it has.
        String others = names.stream()
                .filter(other -> RankLog.rank(other).isEmpty())
                .findFirst()
                .map(other -> "; what is no rank's log is read by: tidegate cat " + snapshot.getId() + " " + other)
                .orElse("");
        return new NoSuchEntryException(
                TreePath.parse(name), "snapshot " + snapshot.getId() + " has no " + name + found + others);
    }

    private void logs(Snapshot snapshot, BiConsumer<Integer, Entry.RegularFile> found) {
        tree.list(Snapshots.root(snapshot), null).forEachRemaining(entry -> {
            OptionalInt rank = rank(entry.path());
            if (rank.isPresent() && entry.entry() instanceof Entry.RegularFile file) {
                found.accept(rank.getAsInt(), file);
            }
        });
    }

    /** The rank whose log stands at a path, if it is to be read. */
    private OptionalInt rank(TreePath path) {
        OptionalInt rank = RankLog.rank(path.toString());
        return rank.isPresent() && (ranks.isEmpty() || ranks.contains(rank.getAsInt())) ? rank : OptionalInt.empty();
    }

    private Optional<Snapshot> snapshot(Selection selection) {
        return connection.snapshots().find(new SnapshotName(artifact, selection));
    }
}
