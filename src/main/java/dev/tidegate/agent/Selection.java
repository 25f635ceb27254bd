package dev.tidegate.agent;

import dev.tidegate.checkpoint.NamePattern;
import dev.tidegate.files.FileNames;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.ScannedDirectory;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Applies the rules of a push while its directory is walked: what is walked, what is taken as it was at one moment, and what
 * keeps the version of the last push.
 *
 * <p>A push walks its directory in one pass or more. What did not hold in a pass, because it was changed, moved or replaced
 * while it was walked or read, is tried again in the next, where everything else is known already; after {@value #ATTEMPTS}
 * passes it keeps its previous version.
 *
 * <p>One thread walks; {@link #fail}, {@link #gone} and {@link #inexact} may be called by another one.
 */
final class Selection {

    /** In how many passes something is tried, and how often a pointer is read until it holds still. */
    static final int ATTEMPTS = 3;

    /** No checkpoint that another writer may have too. */
    static final long NO_GENERATION = -1;

    /** More would not be remembered. */
    private static final int MOST_FAILURES = 10_000;

    /** What becomes of a directory. */
    sealed interface Verdict {
        /** Its children, of which some may be planned. */
        record Walk(List<Path> children) implements Verdict {}

        /** It keeps its previous version, if it has one. */
        record Keep(PushWarning.Kind kept, PushWarning.Kind skipped, String detail) implements Verdict {}
    }

    /** What becomes of a path that is not looked at again. */
    sealed interface Plan {
        /** A pointer that is a link, to the checkpoint of this number. */
        record GivenLink(Pointer pointer, Entry.SymbolicLink link, long number) implements Plan {}

        /** A pointer that is a small file, to the checkpoint of this number. */
        record GivenFile(Pointer pointer, long number) implements Plan {}

        /** A pointer or a checkpoint is what it was in the last push. */
        record Previous(boolean isPointer) implements Plan {}
    }

    /** What an earlier walk found to be new. */
    @FunctionalInterface
    interface Earlier {
        /** Returns what it noted of {@code path}, if anything; each call asks for a later path than the call before. */
        @Nullable
        KnownFile find(TreePath path);
    }

    private final SelectionRules rules;
    private final PushRequest.Writers writers;
    private final TreeScanner scanner;
    private final Optional<Checkpoints> checkpoints;
    private final List<Shards> shards;

    /** In how many passes each did not hold. */
    private final Map<String, Integer> failures = new HashMap<>();

    private final Set<String> failed = new HashSet<>();

    // What follows is of one pass.

    private final Map<TreePath, Plan> plans = new HashMap<>();

    /** The number of the checkpoint that each pointer commits. */
    private final SortedMap<TreePath, Long> committed = new TreeMap<>();

    /** Units in the directories that the walk is in, which it has not come to. */
    private final Map<TreePath, Unit> awaited = new HashMap<>();

    private @Nullable Unit current;
    private Earlier observed = _ -> null;
    private volatile boolean exact = true;

    private record Shards(String marker, NamePattern shard) {}

    /** Applies {@code rules}; {@code last} is what keeps its previous version. Tells {@code report} what is left out. */
    Selection(
            SelectionRules rules, PushRequest.Writers writers, TreeScanner scanner, LastLayer last, PushReport report) {
        this.rules = rules;
        this.writers = writers;
        this.scanner = scanner;
        this.checkpoints = rules.pointers().isEmpty()
                ? Optional.empty()
                : Optional.of(new Checkpoints(rules, writers != PushRequest.Writers.JOB, scanner, last, report));
        this.shards = rules.shards().stream()
                .map(rule -> new Shards(rule.marker(), NamePattern.parse(rule.shard())))
                .toList();
    }

    /** Whether only what was found unchanged by an earlier walk is taken. */
    boolean waits() {
        return writers != PushRequest.Writers.NONE && !rules.quiet().isZero();
    }

    /** Whether files are only appended to. */
    boolean appendOnly() {
        return rules.appendOnly();
    }

    /**
     * Starts a pass.
     *
     * @param observation what an earlier walk found to be new, read in step with this one
     */
    void begin(Earlier observation) {
        observed = observation;
        plans.clear();
        committed.clear();
        awaited.clear();
        current = null;
        exact = true;
        synchronized (failed) {
            failed.clear();
        }
    }

    /** Ends a pass, and returns whether everything that it took holds. */
    boolean end() throws IOException {
        synchronized (failed) {
            failed.forEach(key -> failures.merge(key, 1, Integer::sum));
            if (failures.size() > MOST_FAILURES) {
                throw new IOException("more than " + MOST_FAILURES
                        + " directories and groups of checkpoints were moved or changed while they were read");
            }
            return failed.isEmpty();
        }
    }

    /**
     * Tells that a pointer is taken.
     *
     * @param number of the checkpoint that it commits; {@link #NO_GENERATION} if it is what it was in the last push
     */
    void committed(TreePath pointer, long number) {
        committed.put(pointer, number);
    }

    /** The pointers that the pass took, and the number of the checkpoint that each commits. Not while the pass runs. */
    SortedMap<TreePath, Long> committed() {
        return committed;
    }

    /** Whether another walk that finds the same stamps takes the same. */
    boolean exact() {
        return exact;
    }

    /** Tells that something keeps its previous version, or may be read otherwise the next time. */
    void inexact() {
        exact = false;
    }

    /** Tells that a unit is no more what it was at its moment. */
    void fail(Unit unit) {
        fail(unit.key());
    }

    /**
     * Tells that a file was not there any more, or another one was, when it was read.
     *
     * @throws NoSuchFileException if it is the whole directory that is gone
     */
    void gone(ScannedDirectory parent) throws NoSuchFileException {
        ScannedDirectory moved = parent.moved();
        if (moved != null) {
            TreePath path = moved.path();
            if (path == null) {
                throw movedAway(moved);
            }
            fail(key(path));
        }
    }

    /** Decides what becomes of a directory that the walk is about to enter. */
    Verdict enter(ScannedDirectory directory, List<Path> children) throws IOException {
        TreePath path = directory.path();
        if (path != null) {
            Unit unit = awaited.remove(path);
            if (unit != null) {
                current = unit;
            }
            if (unit(path) != null) {
                return new Verdict.Walk(children);
            }
            if (givenUp(key(path))) {
                return kept(PushWarning.Kind.CHANGING_KEPT, PushWarning.Kind.CHANGING_SKIPPED, "");
            }
            Optional<Shards> rule = shardsIn(children);
            if (rule.isPresent()) {
                return enterShards(path, directory, children, rule.get());
            }
        }
        return new Verdict.Walk(checkpoints.isEmpty() ? children : select(directory, children));
    }

    /** What was planned for a path; null if it is to be looked at. */
    @Nullable
    Plan plan(TreePath path) {
        return plans.remove(path);
    }

    /** The unit that {@code path} is in; null if it is in none. */
    @Nullable
    Unit unit(TreePath path) {
        Unit unit = current;
        return unit != null && path.startsWith(unit.root()) ? unit : null;
    }

    /** Whether a file was found the same by the walk that was observed. */
    boolean quiet(TreePath path, FileStamp stamp) {
        KnownFile before = observed.find(path);
        return before != null && before.stamp().sameFile(stamp);
    }

    /** Ends a directory that was entered. */
    void left(ScannedDirectory directory) throws NoSuchFileException {
        TreePath path = directory.path();
        awaited.values().removeIf(unit -> {
            boolean missed = Objects.equals(unit.root().parent(), path);
            if (missed) {
                fail(unit);
            }
            return missed;
        });
        Unit unit = path == null ? null : unit(path);
        if (!directory.stands()) {
            if (path == null) {
                throw movedAway(directory);
            }
            fail(unit == null ? key(path) : unit.key());
        }
        if (unit != null && unit.root().equals(path)) {
            if (!unit.holds()) {
                fail(unit);
            }
            current = null;
        }
    }

    /** Returns the children to observe: those that no pointer speaks for. */
    List<Path> withoutCheckpoints(List<Path> children) throws IOException {
        return checkpoints.isEmpty() ? children : checkpoints.get().others(children);
    }

    /** What stands in a directory of shards now; empty if it is none, or not to be had at one moment. */
    Optional<UnitWalk.Found> observe(ScannedDirectory directory, List<Path> children) throws IOException {
        TreePath path = directory.path();
        return path == null || shardsIn(children).isEmpty()
                ? Optional.empty()
                : UnitWalk.walk(scanner, path, directory.file(), directory);
    }

    private static String key(TreePath path) {
        return "directory " + path;
    }

    private boolean givenUp(String key) {
        return failures.getOrDefault(key, 0) >= ATTEMPTS;
    }

    private void fail(String key) {
        synchronized (failed) {
            failed.add(key);
        }
    }

    private static NoSuchFileException movedAway(ScannedDirectory root) {
        return new NoSuchFileException(root.file().toString(), null, "it was moved away while it was read");
    }

    private Verdict kept(PushWarning.Kind kept, PushWarning.Kind skipped, String detail) {
        exact = false;
        return new Verdict.Keep(kept, skipped, detail);
    }

    private List<Path> select(ScannedDirectory directory, List<Path> children) throws IOException {
        Checkpoints.Taken taken = checkpoints.orElseThrow().select(directory, children, this::givenUp);
        plans.putAll(taken.plans());
        taken.units().forEach(unit -> awaited.put(unit.root(), unit));
        exact &= taken.exact();
        return taken.children();
    }

    // Directories of shards.

    private Optional<Shards> shardsIn(List<Path> children) {
        for (Shards rule : shards) {
            for (Path child : children) {
                String name = FileNames.decode(child.getFileName());
                if (name != null && rule.shard.match(name).isPresent()) {
                    return Optional.of(rule);
                }
            }
        }
        return Optional.empty();
    }

    private Verdict enterShards(TreePath path, ScannedDirectory directory, List<Path> children, Shards rule)
            throws IOException {
        if (children.stream().noneMatch(child -> rule.marker.equals(FileNames.decode(child.getFileName())))) {
            return notQuiet("it has no " + rule.marker + " yet");
        }
        Optional<UnitWalk.Found> found = UnitWalk.walk(scanner, path, directory.file(), directory);
        if (found.isEmpty()) {
            return notQuiet("");
        }
        KnownFile before = waits() ? observed.find(path) : null;
        if (waits()
                && (before == null
                        || !before.equals(Observed.of(path, found.get().fingerprint())))) {
            return notQuiet("");
        }
        current = new Unit(path, key(path), found.get().fingerprint());
        return new Verdict.Walk(children);
    }

    private Verdict notQuiet(String detail) {
        return kept(PushWarning.Kind.NOT_QUIET_KEPT, PushWarning.Kind.NOT_QUIET_SKIPPED, detail);
    }
}
