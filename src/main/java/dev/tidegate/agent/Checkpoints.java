package dev.tidegate.agent;

import dev.tidegate.checkpoint.PointerNames;
import dev.tidegate.files.FileNames;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.ScannedDirectory;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which checkpoints the pointers of a directory commit.
 *
 * <p>A pointer is read, the checkpoints are walked, and the pointer is read again: if it is the same, what was walked stood
 * there while it said so. Reading the checkpoints may take longer than a job takes to write the next one; it does not matter
 * that the pointer moves meanwhile, only that what is read is what was walked, which {@link Unit} sees to.
 *
 * <p>For the thread that walks.
 */
final class Checkpoints {

    /** Between two readings of a pointer. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    /** Whoever removes a checkpoint does not pause for longer. */
    private static final Duration LONGEST_REST = Duration.ofSeconds(2);

    private final List<PointerNames> pointers;
    private final boolean latestOnly;
    private final Duration rest;
    private final boolean jobEnded;
    private final TreeScanner scanner;
    private final LastLayer last;
    private final PushReport report;
    private boolean hasRested;

    Checkpoints(SelectionRules rules, boolean jobEnded, TreeScanner scanner, LastLayer last, PushReport report) {
        this.pointers = rules.pointers().stream().map(PointerNames::new).toList();
        this.latestOnly = rules.latestOnly();
        this.rest = rules.quiet().compareTo(LONGEST_REST) < 0 ? rules.quiet() : LONGEST_REST;
        this.jobEnded = jobEnded;
        this.scanner = scanner;
        this.last = last;
        this.report = report;
    }

    /** What of a directory is taken. */
    static final class Taken {
        /** At first those of groups alone. */
        private List<Path> children = new ArrayList<>();

        private final Map<TreePath, Selection.Plan> plans = new HashMap<>();
        private final List<Unit> units = new ArrayList<>();
        private boolean exact = true;

        /** What is walked, sorted; some of it may not be there. */
        List<Path> children() {
            return children;
        }

        /** What is not looked at when the walk comes to it. */
        Map<TreePath, Selection.Plan> plans() {
            return plans;
        }

        /** The checkpoints among the children. */
        List<Unit> units() {
            return units;
        }

        /** Whether nothing keeps its previous version. */
        boolean exact() {
            return exact;
        }
    }

    /**
     * A pointer, or a checkpoint that one may speak for.
     *
     * @param group what they have in common within a directory
     * @param checkpoint what the name says; null for a pointer
     */
    private record Member(GroupName group, PointerNames.@Nullable Checkpoint checkpoint) {}

    private record GroupName(PointerNames rule, String name) {}

    /** What of a group stands in a directory. */
    private static final class Group {
        private @Nullable Path pointer;
        private final List<TreePath> checkpoints = new ArrayList<>();
    }

    private @Nullable Member member(Path child) throws IOException {
        String name = FileNames.decode(child.getFileName());
        if (name == null) {
            return null;
        }
        for (PointerNames rule : pointers) {
            Optional<String> group = rule.group(name);
            if (group.isPresent() && type(child) != FileStamp.Type.DIRECTORY) {
                return new Member(new GroupName(rule, group.get()), null);
            }
            Optional<PointerNames.Checkpoint> checkpoint = rule.checkpoint(name);
            if (checkpoint.isPresent() && type(child) == FileStamp.Type.DIRECTORY) {
                return new Member(new GroupName(rule, checkpoint.get().group()), checkpoint.get());
            }
        }
        return null;
    }

    private static FileStamp.@Nullable Type type(Path file) throws IOException {
        try {
            return FileStamp.read(file).type();
        } catch (FileSystemException gone) {
            return null;
        }
    }

    /** Returns the children that are no checkpoints. */
    List<Path> others(List<Path> children) throws IOException {
        Set<Path> found = new HashSet<>();
        for (Path child : children) {
            Member member = member(child);
            if (member != null && member.checkpoint != null) {
                found.add(child);
            }
        }
        return TreeScanner.select(children, child -> !found.contains(child), List.of());
    }

    /**
     * Decides what of a directory is taken.
     *
     * @param givenUp tells by its key whether a group keeps its previous version
     */
    Taken select(ScannedDirectory directory, List<Path> children, Predicate<String> givenUp) throws IOException {
        Map<GroupName, Group> groups = new LinkedHashMap<>();
        Set<Path> members = new HashSet<>();
        Taken taken = new Taken();
        for (Path child : children) {
            Member member = member(child);
            if (member == null) {
                continue;
            }
            members.add(child);
            Group group = groups.computeIfAbsent(member.group, absent -> new Group());
            if (member.checkpoint == null) {
                group.pointer = child;
            } else {
                group.checkpoints.add(child(directory, child));
            }
        }
        for (Map.Entry<GroupName, Group> group : groups.entrySet()) {
            Path pointer = group.getValue().pointer;
            if (pointer != null && isOrdinary(group.getKey(), group.getValue(), pointer)) {
                taken.children.add(pointer);
            } else {
                take(directory, group.getKey(), group.getValue(), givenUp, taken);
            }
        }
        taken.children = TreeScanner.select(children, child -> !members.contains(child), taken.children);
        return taken;
    }

    /** A file or link may be called as a pointer and be none. */
    private static boolean isOrdinary(GroupName name, Group group, Path pointer) throws IOException {
        return group.checkpoints.isEmpty()
                && Pointer.read(pointer)
                        .filter(read -> name.rule.mayName(read.target()))
                        .isEmpty();
    }

    /** Adds what of a group is in the snapshot. */
    private void take(ScannedDirectory directory, GroupName name, Group group, Predicate<String> givenUp, Taken taken)
            throws IOException {
        String key = "checkpoints " + directory.path() + '\0' + pointers.indexOf(name.rule) + '\0' + name.name;
        String detail = "";
        if (!givenUp.test(key)) {
            for (int attempt = 1; attempt <= Selection.ATTEMPTS; attempt++) {
                Optional<Pointer> pointer =
                        group.pointer == null ? findPointer(directory, name, group) : Pointer.read(group.pointer);
                if (pointer.isPresent()) {
                    Optional<Standing> standing = standing(directory, name, pointer.get());
                    if (standing.isEmpty()) {
                        detail = "its pointer names " + pointer.get().target() + ", which is not there as a whole";
                    } else if (group.pointer != null
                            && Pointer.read(group.pointer)
                                    .filter(pointer.get()::same)
                                    .isPresent()) {
                        plan(directory, key, group.pointer, pointer.get(), standing.get(), taken);
                        return;
                    } else {
                        detail = "its pointer keeps moving";
                    }
                }
                if (attempt < Selection.ATTEMPTS) {
                    pause(PAUSE);
                }
            }
        }
        keep(directory, name, group, detail, taken);
    }

    /** What is in a directory now; nothing if it is gone, which the walk finds out too. */
    private static List<Path> list(ScannedDirectory directory) throws IOException {
        try {
            return TreeScanner.list(directory.file());
        } catch (NoSuchFileException | NotDirectoryException gone) {
            return List.of();
        }
    }

    /** A pointer that was not there is looked for again: it may be replaced by removing it first. */
    private Optional<Pointer> findPointer(ScannedDirectory directory, GroupName name, Group group) throws IOException {
        for (Path child : list(directory)) {
            Member member = member(child);
            if (member != null && member.checkpoint == null && member.group.equals(name)) {
                group.pointer = child;
                return Pointer.read(child);
            }
        }
        return Optional.empty();
    }

    /**
     * A checkpoint that is complete.
     *
     * @param unit what stood there; null if it has been written to since a later one was complete, and is being removed
     */
    private record Checkpoint(TreePath path, Path file, UnitWalk.@Nullable Found unit) {}

    /**
     * What of a group stands in a directory.
     *
     * @param newest the number of the checkpoint that the pointer names
     * @param committed what the pointer says to be complete
     * @param unfinished what it does not
     */
    private record Standing(long newest, List<Checkpoint> committed, List<TreePath> unfinished) {}

    /** Lists what there is and walks what a pointer commits; empty if what it names is not there. */
    private Optional<Standing> standing(ScannedDirectory directory, GroupName name, Pointer pointer)
            throws IOException {
        Map<Path, PointerNames.Checkpoint> there = new LinkedHashMap<>();
        Path target = null;
        long newest = 0;
        for (Path child : list(directory)) {
            Member member = member(child);
            PointerNames.Checkpoint checkpoint = member == null ? null : member.checkpoint;
            if (member != null && checkpoint != null && member.group.equals(name)) {
                there.put(child, checkpoint);
                if (name.rule.names(pointer.target(), child.getFileName().toString(), checkpoint)) {
                    target = child;
                    newest = checkpoint.number();
                }
            }
        }
        if (target == null) {
            return Optional.empty();
        }
        Standing standing = new Standing(newest, new ArrayList<>(), new ArrayList<>());
        for (Map.Entry<Path, PointerNames.Checkpoint> each : there.entrySet()) {
            boolean isTarget = each.getKey().equals(target);
            boolean older = each.getValue().number() < newest;
            TreePath path = child(directory, each.getKey());
            if (!isTarget && !older) {
                standing.unfinished.add(path);
                continue;
            }
            if (!isTarget && latestOnly && !each.getValue().kept()) {
                continue;
            }
            Instant begun = Instant.now();
            Optional<UnitWalk.Found> found = UnitWalk.walk(scanner, path, each.getKey(), directory);
            if (isTarget && found.isEmpty()) {
                return Optional.empty();
            }
            Instant committed = pointer.stamp().ctime().toInstant();
            if (!isTarget
                    && jobEnded
                    && !hasRested
                    && found.isPresent()
                    && found.get().changed().equals(committed)) {
                // There is no later push to which it could be left.
                pause(rest);
                hasRested = true;
                begun = Instant.now();
                found = UnitWalk.walk(scanner, path, each.getKey(), directory);
            }
            boolean changedSince = found.isPresent() && isAfter(found.get().changed(), committed, begun);
            // What was restored here is as it was published, whenever that was.
            if (isTarget
                    || (found.isPresent()
                            && (!changedSince
                                    || UnitWalk.finds(last.subtree(path), scanner, path, each.getKey(), directory)))) {
                standing.committed.add(new Checkpoint(path, each.getKey(), found.get()));
            } else if (type(each.getKey()) != null) {
                standing.committed.add(new Checkpoint(path, each.getKey(), null));
            }
        }
        return Optional.of(standing);
    }

    /**
     * Tells whether a checkpoint was written to after a later one was committed. The clock of a file system moves in ticks of
     * milliseconds: what was written to in the tick of the commit may have been complete before it, or be one that is
     * removed since. A removal does not rest.
     *
     * @param changed when it was last written to
     * @param begun when it was looked at
     */
    private boolean isAfter(Instant changed, Instant committed, Instant begun) {
        return changed.isAfter(committed) || (changed.equals(committed) && begun.isBefore(changed.plus(rest)));
    }

    private void plan(
            ScannedDirectory directory, String key, Path file, Pointer pointer, Standing standing, Taken taken) {
        taken.plans.put(
                child(directory, file),
                pointer.isLink()
                        ? new Selection.Plan.GivenLink(pointer, link(directory, pointer), standing.newest)
                        : new Selection.Plan.GivenFile(pointer, standing.newest));
        taken.children.add(file);
        for (TreePath unfinished : jobEnded ? standing.unfinished : List.<TreePath>of()) {
            report.warn(new PushWarning(PushWarning.Kind.UNCOMMITTED, unfinished.toString(), ""));
        }
        for (Checkpoint checkpoint : standing.committed) {
            if (checkpoint.unit != null) {
                taken.units.add(new Unit(checkpoint.path, key, checkpoint.unit.fingerprint()));
                taken.children.add(checkpoint.file);
            } else {
                taken.exact = false;
                Entry before = last.find(checkpoint.path);
                report.warn(new PushWarning(
                        before == null ? PushWarning.Kind.CHANGING_SKIPPED : PushWarning.Kind.CHANGING_KEPT,
                        checkpoint.path.toString(),
                        "written to after a later checkpoint was complete"));
                if (before != null) {
                    taken.plans.put(checkpoint.path, new Selection.Plan.Previous(false));
                    taken.children.add(checkpoint.file);
                }
            }
        }
    }

    /** An absolute link leads into the artifact, even where the job sees its directory under another name. */
    private Entry.SymbolicLink link(ScannedDirectory directory, Pointer pointer) {
        Entry.SymbolicLink link = scanner.symbolicLink(pointer.text());
        if (link.artifactRooted() || !pointer.text().startsWith("/")) {
            return link;
        }
        return new Entry.SymbolicLink(
                child(directory, FileNames.path(pointer.target())).toString(), true);
    }

    /** The group keeps its previous version as a whole. */
    private void keep(ScannedDirectory directory, GroupName name, Group group, String detail, Taken taken) {
        List<String> before = last.names(directory.path(), entry -> belongs(entry, name));
        if (before.isEmpty() && group.pointer == null) {
            for (TreePath checkpoint : group.checkpoints) {
                report.warn(new PushWarning(PushWarning.Kind.UNCOMMITTED, checkpoint.toString(), ""));
            }
            return;
        }
        taken.exact = false;
        Path shown = group.pointer == null ? directory.file().resolve(before.getFirst()) : group.pointer;
        report.warn(new PushWarning(
                before.isEmpty() ? PushWarning.Kind.CHANGING_SKIPPED : PushWarning.Kind.CHANGING_KEPT,
                child(directory, shown).toString(),
                detail));
        for (String previous : before) {
            Path file = directory.file().resolve(FileNames.path(previous));
            boolean isPointer = name.rule.group(previous).isPresent();
            taken.plans.put(child(directory, file), new Selection.Plan.Previous(isPointer));
            taken.children.add(file);
        }
    }

    private static boolean belongs(PathEntry entry, GroupName name) {
        return entry.entry() instanceof Entry.Directory
                ? name.rule
                        .checkpoint(entry.path().name())
                        .filter(checkpoint -> checkpoint.group().equals(name.name))
                        .isPresent()
                : name.rule.group(entry.path().name()).filter(name.name::equals).isPresent();
    }

    private static TreePath child(ScannedDirectory directory, Path file) {
        TreePath path = directory.path();
        String name = FileNames.decode(file.getFileName());
        if (name == null) {
            throw new IllegalStateException("a member of a group has a name");
        }
        return path == null ? TreePath.parse(name) : path.resolve(name);
    }

    private static void pause(Duration pause) throws InterruptedIOException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the walk was ended");
        }
    }
}
