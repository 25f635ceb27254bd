package dev.tidegate.manifest;

import dev.tidegate.manifest.InputCollision.Choice;
import dev.tidegate.manifest.InputCollision.Kind;
import dev.tidegate.manifest.InputCollision.Side;
import dev.tidegate.manifest.InputMerge.Chooser;
import dev.tidegate.manifest.InputMerge.Listener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is settled before a merge: which input has each unit that several inputs contend for, and which names differ only
 * in what some file systems do not see.
 *
 * <p>Walks through the directories that several inputs have, past everything below a child that only one of them has, and past
 * subtrees that all of them have. Directories in which a name of a unit comes up are then looked at whole. What is found is told when all is found, since a directory that is a unit hides the units in it.
 */
final class UnitScan {

    private final Reading reading;
    private final Units units;
    private final Chooser chooser;
    private final Listener listener;
    private final MergeBudget budget;
    private final Renames renames;
    private final List<Decision> decisions = new ArrayList<>();

    /** The paths at which something is going to be kept under another name. */
    private final SortedSet<TreePath> reserved = new TreeSet<>();

    UnitScan(Reading reading, Units units, Chooser chooser, Listener listener, MergeBudget budget, Renames renames) {
        this.reading = reading;
        this.units = units;
        this.chooser = chooser;
        this.listener = listener;
        this.budget = budget;
        this.renames = renames;
    }

    /**
     * What an input has of a unit.
     *
     * @param pointer where the pointer of a group is; null if there is none, or the unit is a directory
     * @param entry what the pointer, or the directory, is; null for a group without a pointer
     * @param members all that belongs to it, with what stands there
     */
    private record Holding(
            int input, @Nullable TreePath pointer, @Nullable Entry entry, Map<TreePath, Entry> members) {}

    /** A unit that several inputs contend for: at what path it collides, and who is preferred, and who differs from whom. */
    private record Decision(
            TreePath path, Units.@Nullable Group group, Choice choice, List<Holding> holders, List<Holding> distinct) {}

    /** A directory that the walk is in, and that several inputs have: null for the root. */
    private static final class Place {
        final @Nullable TreePath path;

        /** The inputs that have it: a bit for each. */
        final long inputs;

        /** How many decisions were made before it. */
        final int before;

        final AlikeNames names;
        boolean holdsUnits;

        Place(@Nullable TreePath path, long inputs, int before, AlikeNames names) {
            this.path = path;
            this.inputs = inputs;
            this.before = before;
            this.names = names;
        }

        boolean holds(@Nullable TreePath other) {
            return path == null || (other != null && other.startsWith(path) && !other.equals(path));
        }

        boolean isOrHolds(@Nullable TreePath other) {
            return holds(other) || (path != null && path.equals(other));
        }
    }

    /** Tells what was found; returns, for each input, the paths of its own that are lost with all that is below. */
    List<SortedSet<TreePath>> run() {
        List<SortedSet<TreePath>> hidden = new ArrayList<>();
        for (int i = 0; i < reading.inputs(); i++) {
            hidden.add(new TreeSet<>());
        }
        if (reading.inputs() == 1) {
            return hidden;
        }
        scan(reading.skippingCursors());
        for (Decision decision : decisions) {
            apply(decision, hidden);
        }
        return hidden;
    }

    private void scan(List<InputCursor> cursors) {
        Frontier frontier = new Frontier(cursors, null);
        Deque<Place> places = new ArrayDeque<>();
        places.push(new Place(null, -1L >>> (Long.SIZE - cursors.size()), 0, new AlikeNames(budget)));
        for (Frontier.Kind kind = frontier.find(); kind != Frontier.Kind.END; kind = frontier.find()) {
            if (kind == Frontier.Kind.ENTRIES) {
                while (!places.element().holds(frontier.path())) {
                    leave(places.pop());
                }
                child(frontier.path().childBelow(places.element().path), cursors, places);
            } else if (isCommon(frontier, places)) {
                frontier.advance();
            } else {
                frontier.descend();
            }
        }
        places.forEach(this::leave);
    }

    /** Tells whether the subtrees that come first are those of all inputs that have the directory that holds them. */
    private boolean isCommon(Frontier frontier, Deque<Place> places) {
        if (frontier.first().size() == reading.inputs()) {
            return true;
        }
        TreePath directory =
                TreePath.commonDirectory(frontier.first().getFirst().after(), frontier.path());
        for (Place place : places) {
            if (place.isOrHolds(directory)) {
                return place.inputs == mask(frontier.first());
            }
        }
        throw new AssertionError("the root holds everything");
    }

    private static long mask(List<InputCursor> cursors) {
        long mask = 0;
        for (InputCursor cursor : cursors) {
            mask |= 1L << cursor.index();
        }
        return mask;
    }

    private void leave(Place place) {
        if (place.names.isFull()) {
            listener.warned(new MergeWarning.NamesNotCompared(place.path));
        }
        place.names.forget();
        if (place.holdsUnits) {
            List<Integer> present = new ArrayList<>();
            for (int i = 0; i < reading.inputs(); i++) {
                if ((place.inputs & (1L << i)) != 0) {
                    present.add(i);
                }
            }
            decide(place.path, present, place.before);
        }
    }

    /** Looks at a child of the directory that the walk is in: enters it, or passes over it and all that it holds. */
    private void child(TreePath path, List<InputCursor> cursors, Deque<Place> places) {
        List<InputCursor> having = new ArrayList<>();
        List<InputCursor> directories = new ArrayList<>();
        for (InputCursor cursor : cursors) {
            Entry claim = cursor.claim(path);
            if (claim != null) {
                having.add(cursor);
                if (claim instanceof Entry.Directory) {
                    directories.add(cursor);
                }
            }
        }
        Place place = places.element();
        long mask = mask(having);
        if (mask != place.inputs) {
            place.names.add(path, mask, (one, other) -> listener.warned(new MergeWarning.NamesAlike(one, other)));
        }
        String name = path.name();
        Units.Group group = units.group(name);
        place.holdsUnits |= group != null || units.isPart(name);
        boolean member = group != null && !(group.pointer().equals(name) && !directories.isEmpty());
        boolean enters = !member && directories.size() > 1 && staysDirectory(path, having, directories);
        if (enters) {
            places.push(new Place(path, mask(directories), decisions.size(), new AlikeNames(budget)));
        }
        for (InputCursor cursor : having) {
            if (!enters && directories.contains(cursor)) {
                cursor.seek(path.afterSubtree());
            } else if (cursor.isAt(path)) {
                cursor.advance();
            }
        }
    }

    private boolean staysDirectory(TreePath path, List<InputCursor> having, List<InputCursor> directories) {
        if (having.size() == directories.size()) {
            return true;
        }
        InputCursor kept = chooser.choose(path) == Choice.LAST ? having.getLast() : having.getFirst();
        return directories.contains(kept);
    }

    /** Decides on the units in a directory, or on the directory if that is one. */
    private void decide(@Nullable TreePath directory, List<Integer> present, int before) {
        Map<Units.Group, List<Holding>> groups = new LinkedHashMap<>();
        boolean whole = false;
        for (int input : present) {
            Map<Units.Group, Holding> held = new LinkedHashMap<>();
            whole |= list(directory, input, held);
            held.forEach((group, holding) ->
                    groups.computeIfAbsent(group, _ -> new ArrayList<>()).add(holding));
        }
        if (whole && directory != null) {
            // What is in it belongs to it.
            decisions.subList(before, decisions.size()).clear();
            List<Holding> holders = new ArrayList<>();
            for (int input : present) {
                Entry entry = lookAt(input, directory).claim(directory);
                if (entry != null) {
                    holders.add(new Holding(input, null, entry, Map.of(directory, entry)));
                }
            }
            decide(directory, null, holders);
            return;
        }
        groups.forEach((group, holders) -> {
            boolean isGroup = holders.stream()
                    .flatMap(holding -> holding.members().values().stream())
                    .anyMatch(Entry.Directory.class::isInstance);
            if (isGroup) {
                decide(Renames.sibling(directory, group.pointer()), group, holders);
            }
        });
    }

    /** Collects what an input has of groups in a directory. Returns whether the directory holds a part of a whole. */
    private boolean list(@Nullable TreePath directory, int input, Map<Units.Group, Holding> held) {
        InputCursor cursor = reading.look(input);
        if (directory != null) {
            cursor.seek(directory);
            if (cursor.isAt(directory)) {
                cursor.advance();
            }
        }
        boolean part = false;
        TreePath end = directory == null ? null : directory.afterSubtree();
        while (end == null ? !cursor.atEnd() : !cursor.isBeyond(end)) {
            if (!cursor.isEntry()) {
                cursor.descend();
                continue;
            }
            TreePath path = cursor.lastKey().childBelow(directory);
            String name = path.name();
            Entry entry = cursor.claim(path);
            boolean isDirectory = entry instanceof Entry.Directory;
            part |= !isDirectory && units.isPart(name);
            Units.Group group = units.group(name);
            if (group != null && entry != null && group.pointer().equals(name) != isDirectory) {
                budget.take(path);
                Holding holding =
                        held.computeIfAbsent(group, _ -> new Holding(input, null, null, new LinkedHashMap<>()));
                holding.members().put(path, entry);
                if (!isDirectory) {
                    held.put(group, new Holding(input, path, entry, holding.members()));
                }
            }
            cursor.seek(path.afterSubtree());
        }
        return part;
    }

    private void decide(TreePath path, Units.@Nullable Group group, List<Holding> holders) {
        if (holders.size() < 2) {
            return;
        }
        List<Holding> distinct = new ArrayList<>();
        Choice choice = chooser.choose(path);
        List<Holding> preferred = choice == Choice.LAST ? holders.reversed() : holders;
        for (Holding holding : preferred) {
            if (distinct.stream().noneMatch(other -> isSame(other, holding))) {
                distinct.add(holding);
            }
        }
        if (distinct.size() > 1) {
            budget.take(path);
            decisions.add(new Decision(path, group, choice, holders, distinct));
        }
    }

    private boolean isSame(Holding one, Holding other) {
        return one.members().keySet().equals(other.members().keySet())
                && one.members().keySet().stream().allMatch(path -> isSame(one.input(), other.input(), path));
    }

    /** Tells whether two inputs have the same at a path and below, but for modes and times. */
    private boolean isSame(int one, int other, TreePath path) {
        InputCursor first = lookAt(one, path);
        InputCursor second = lookAt(other, path);
        Frontier frontier = new Frontier(List.of(first, second), path.afterSubtree());
        for (Frontier.Kind kind = frontier.find(); kind != Frontier.Kind.END; kind = frontier.find()) {
            if (kind == Frontier.Kind.ENTRIES) {
                TreePath at = frontier.path();
                Entry here = first.claim(at);
                Entry there = second.claim(at);
                if (here == null || there == null || Collision.between(here, there)) {
                    return false;
                }
                frontier.advance();
            } else if (frontier.first().size() == 2) {
                frontier.advance();
            } else {
                frontier.descend();
            }
        }
        return true;
    }

    private InputCursor lookAt(int input, TreePath path) {
        InputCursor cursor = reading.look(input);
        cursor.seek(path);
        return cursor;
    }

    private void apply(Decision decision, List<SortedSet<TreePath>> hidden) {
        Holding kept = decision.distinct().getFirst();
        for (Holding holding : decision.holders()) {
            if (holding.input() != kept.input()) {
                for (TreePath member : holding.members().keySet()) {
                    hide(holding.input(), member, hidden);
                }
            }
        }
        for (Holding lost : decision.distinct().subList(1, decision.distinct().size())) {
            TreePath keptAs = decision.choice() == Choice.BOTH ? rename(decision, lost) : null;
            listener.collided(new InputCollision(
                    decision.path(), Kind.UNIT, decision.choice(), side(kept, decision), side(lost, decision), keptAs));
        }
    }

    private void hide(int input, TreePath path, List<SortedSet<TreePath>> hidden) {
        TreePath own = reading.input(input).own(path);
        budget.take(path);
        hidden.get(input).add(own == null ? InputCursor.EVERYTHING : own);
    }

    private Side side(Holding holding, Decision decision) {
        TreePath path = holding.pointer() == null ? decision.path() : holding.pointer();
        return new Side(holding.input(), reading.input(holding.input()).own(path), holding.entry());
    }

    /** Keeps a unit under another name, and returns that. */
    private TreePath rename(Decision decision, Holding lost) {
        UnitNames names = UnitNames.of(decision.path(), decision.group(), lost.entry());
        String label = reading.input(lost.input()).label();
        int attempt = 0;
        while (!names.all(lost.members().keySet(), Renames.suffix(label, attempt)).stream()
                .allMatch(this::isFree)) {
            attempt++;
        }
        String suffix = Renames.suffix(label, attempt);
        names.directory(suffix)
                .ifPresent(directory -> keep(
                        directory, new Renames.Source.One(new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE))));
        lost.members().forEach((path, entry) -> {
            TreePath to = names.place(path, suffix);
            reserved.add(to);
            keep(
                    to,
                    entry instanceof Entry.Directory
                            ? new Renames.Source.Below(lost.input(), path)
                            : new Renames.Source.One(
                                    names.pointing(path, entry, lost.members().keySet(), suffix)));
        });
        return names.whole(suffix);
    }

    private void keep(TreePath path, Renames.Source source) {
        budget.take(path);
        reserved.add(path);
        renames.put(path, source);
    }

    private boolean isFree(TreePath path) {
        if (reserved.contains(path)) {
            return false;
        }
        for (int i = 0; i < reading.inputs(); i++) {
            if (lookAt(i, path).claim(path) != null) {
                return false;
            }
        }
        return true;
    }
}
