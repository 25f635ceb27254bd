package dev.tidegate.manifest;

import dev.tidegate.manifest.InputCollision.Choice;
import dev.tidegate.manifest.InputCollision.Kind;
import dev.tidegate.manifest.InputCollision.Side;
import dev.tidegate.manifest.InputMerge.Chooser;
import dev.tidegate.manifest.InputMerge.Listener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
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
 * subtrees that all of them have. Directories in which a name of a unit comes up are then looked at whole; of one in
 * which they differ, a shard may stand in what was passed over. What is found is told when all is found, since a
 * directory that is a unit hides the units in it.
 *
 * <p>Long, because what finds units and what settles them share what each input holds of one.
 */
final class UnitScan {

    private final Reading reading;
    private final Units units;
    private final Chooser chooser;
    private final Listener listener;
    private final MergeBudget budget;
    private final Renames renames;
    private final List<Decision> decisions = new ArrayList<>();
    private final List<Settlement> settlements = new ArrayList<>();

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
     * @param pointer where the pointer of a group is, or a shard at the root; null if there is none, or the unit is a
     *     directory
     * @param entry what the pointer, the shard or the directory is; null for a group without a pointer
     * @param members all that belongs to it, with what stands there
     */
    private record Holding(
            int input, @Nullable TreePath pointer, @Nullable Entry entry, Map<TreePath, Entry> members) {}

    /**
     * A unit that several inputs contend for.
     *
     * @param path at which it collides
     * @param contents what they have of it, those with the same together: the first of the first is kept
     */
    private record Decision(TreePath path, Units.@Nullable Group group, Choice choice, List<List<Holding>> contents) {

        Holding kept() {
            return contents.getFirst().getFirst();
        }
    }

    /** What is not kept where it stands, and under what names it is kept instead; null if it is not kept. */
    private record Lost(
            Decision decision, Holding holding, @Nullable Renaming renaming) {}

    /** What the members of a unit are called. */
    private record Renaming(UnitNames names, String suffix) {}

    /** A directory that the walk is in, and that several inputs have: null for the root. */
    private static final class Place {
        final @Nullable TreePath path;

        /** The inputs that have it: a bit for each. */
        final long inputs;

        /** How many decisions were made before it. */
        final int before;

        final AlikeNames names;
        boolean holdsUnits;

        /** Whether something of it that all have was passed over. */
        boolean skipped;

        /** Whether the inputs differ in it. */
        boolean differs;

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

    /** Tells what was found; returns, for each input, what becomes of its units. */
    List<Settlement> run() {
        for (int i = 0; i < reading.inputs(); i++) {
            settlements.add(Settlement.create());
        }
        if (reading.inputs() > 1) {
            scan(reading.skippingCursors());
            List<Lost> lost = new ArrayList<>();
            decisions.forEach(decision -> settle(decision, lost));
            // Only now is it known where everything is that a link may lead to.
            lost.forEach(this::tell);
        }
        return settlements;
    }

    private void scan(List<InputCursor> cursors) {
        Frontier frontier = new Frontier(cursors, null);
        Deque<Place> places = new ArrayDeque<>();
        places.push(new Place(null, -1L >>> (Long.SIZE - cursors.size()), 0, new AlikeNames(budget)));
        for (Frontier.Kind kind = frontier.find(); kind != Frontier.Kind.END; kind = frontier.find()) {
            if (kind == Frontier.Kind.ENTRIES) {
                leaveUpTo(frontier.path(), places);
                child(frontier.path().childBelow(places.element().path), cursors, places);
            } else if (isCommon(frontier, places)) {
                skip(frontier, places);
                frontier.advance();
            } else {
                frontier.descend();
            }
        }
        while (!places.isEmpty()) {
            leave(places);
        }
    }

    private void leaveUpTo(TreePath path, Deque<Place> places) {
        while (!places.element().holds(path)) {
            leave(places);
        }
    }

    /** Passes over subtrees that are the same: the directories in which they end are those of all these inputs. */
    private void skip(Frontier frontier, Deque<Place> places) {
        TreePath after = frontier.first().getFirst().after();
        TreePath last = frontier.path();
        for (Place place : places) {
            place.skipped |= place.isOrHolds(after);
        }
        leaveUpTo(last, places);
        TreePath child = last.childBelow(places.element().path);
        while (!child.equals(last) && !isCheckpoint(child.name())) {
            Place place = new Place(child, mask(frontier.first()), decisions.size(), new AlikeNames(budget));
            place.skipped = true;
            places.push(place);
            child = last.childBelow(child);
        }
    }

    /** Tells whether a directory that is called so belongs to a group. */
    private boolean isCheckpoint(String name) {
        Units.Group group = units.group(name);
        return group != null && !group.pointer().equals(name);
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

    private void leave(Deque<Place> places) {
        Place place = places.pop();
        Place around = places.peek();
        if (around != null) {
            around.differs |= place.differs;
        }
        if (place.names.isFull()) {
            listener.warned(new MergeWarning.NamesNotCompared(place.path));
        }
        place.names.forget();
        // Where the inputs differ in a directory, what they have in common may make it one that is kept whole.
        if (place.holdsUnits
                || (place.differs
                        && place.skipped
                        && holdsPart(place.path, Long.numberOfTrailingZeros(place.inputs)))) {
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
        Entry first = null;
        boolean differs = false;
        for (InputCursor cursor : cursors) {
            Entry claim = cursor.claim(path);
            if (claim != null) {
                first = first == null ? claim : first;
                differs |= Collision.between(first, claim);
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
        place.differs |= differs || mask != place.inputs || (!enters && directories.size() > 1);
        if (enters) {
            Place entered = new Place(path, mask(directories), decisions.size(), new AlikeNames(budget));
            entered.skipped = !directories.stream().allMatch(cursor -> cursor.isAt(path));
            places.push(entered);
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
    private void decide(@Nullable TreePath directory, List<Integer> present, int decidedBefore) {
        Map<Units.Group, List<Holding>> groups = new LinkedHashMap<>();
        List<Integer> withParts = new ArrayList<>();
        long before = budget.taken();
        for (int input : present) {
            Map<Units.Group, Holding> held = new LinkedHashMap<>();
            if (list(directory, input, held)) {
                withParts.add(input);
            }
            held.forEach((group, holding) ->
                    groups.computeIfAbsent(group, _ -> new ArrayList<>()).add(holding));
        }
        long listed = budget.taken() - before;
        if (directory == null) {
            decideRoot(withParts);
        } else if (!withParts.isEmpty()) {
            // What is in it belongs to it.
            decisions.subList(decidedBefore, decisions.size()).clear();
            budget.release(listed);
            List<Holding> holders = new ArrayList<>();
            for (int input : present) {
                Entry entry = reading.lookAt(input, directory).claim(directory);
                if (entry != null) {
                    holders.add(new Holding(input, null, entry, Map.of(directory, entry)));
                }
            }
            decide(directory, null, holders);
            return;
        }
        int decided = decisions.size();
        groups.forEach((group, holders) -> {
            boolean isGroup = holders.stream()
                    .flatMap(holding -> holding.members().values().stream())
                    .anyMatch(Entry.Directory.class::isInstance);
            if (isGroup && holders.size() > 1) {
                decide(TreePath.within(directory, group.pointer()), group, holders);
            }
        });
        if (decisions.size() == decided) {
            budget.release(listed);
        }
    }

    /**
     * Decides on the roots of inputs that have shards there. There is no directory that could be given another name, nor
     * is all that an input has to be lost: so they are refused, unless they have the same files there.
     */
    private void decideRoot(List<Integer> inputs) {
        if (inputs.size() < 2) {
            return;
        }
        List<Holding> holders = new ArrayList<>();
        TreePath path = null;
        for (int input : inputs) {
            Map<TreePath, Entry> members = new LinkedHashMap<>();
            PathEntry shard = null;
            for (Iterator<PathEntry> children = children(null, "", input); children.hasNext(); ) {
                PathEntry child = children.next();
                String name = child.path().name();
                if (!(child.entry() instanceof Entry.Directory) && units.group(name) == null) {
                    budget.take(child.path(), child.entry());
                    members.put(child.path(), child.entry());
                    shard = shard == null && units.isPart(name) ? child : shard;
                }
            }
            if (shard != null) {
                path = path == null ? shard.path() : path;
                holders.add(new Holding(input, shard.path(), shard.entry(), members));
            }
        }
        if (path != null) {
            decide(path, null, Choice.REJECT, holders);
        }
    }

    /** Collects what an input has of groups in a directory. Returns whether the directory holds a part of a whole. */
    private boolean list(@Nullable TreePath directory, int input, Map<Units.Group, Holding> held) {
        boolean part = false;
        for (Iterator<PathEntry> children = children(directory, "", input); children.hasNext(); ) {
            PathEntry child = children.next();
            TreePath path = child.path();
            Entry entry = child.entry();
            String name = path.name();
            boolean isDirectory = entry instanceof Entry.Directory;
            part |= !isDirectory && units.isPart(name);
            Units.Group group = units.group(name);
            if (group != null && group.pointer().equals(name) != isDirectory) {
                budget.take(path, entry);
                Holding holding =
                        held.computeIfAbsent(group, _ -> new Holding(input, null, null, new LinkedHashMap<>()));
                holding.members().put(path, entry);
                if (!isDirectory) {
                    held.put(group, new Holding(input, path, entry, holding.members()));
                }
            }
        }
        return part;
    }

    /** Tells whether an input has a part of a whole in a directory. */
    private boolean holdsPart(@Nullable TreePath directory, int input) {
        for (String prefix : units.partPrefixes()) {
            for (Iterator<PathEntry> children = children(directory, prefix, input); children.hasNext(); ) {
                PathEntry child = children.next();
                String name = child.path().name();
                if (!name.startsWith(prefix)) {
                    break;
                }
                if (!(child.entry() instanceof Entry.Directory) && units.isPart(name)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** What an input has directly in a directory, from the first name on that starts with {@code prefix} or follows it. */
    private Iterator<PathEntry> children(@Nullable TreePath directory, String prefix, int input) {
        InputCursor cursor = reading.lookAt(input, TreePath.boundWithin(directory, prefix));
        return new Lookahead<>() {
            @Override
            @Nullable
            PathEntry advance() {
                while (directory == null ? !cursor.atEnd() : !cursor.isBeyond(directory.afterSubtree())) {
                    if (!cursor.isEntry()) {
                        cursor.descend();
                        continue;
                    }
                    TreePath path = cursor.lastKey().childBelow(directory);
                    Entry entry = cursor.claim(path);
                    cursor.seek(path.afterSubtree());
                    if (entry != null) {
                        return new PathEntry(path, entry);
                    }
                }
                return null;
            }
        };
    }

    private void decide(TreePath path, Units.@Nullable Group group, List<Holding> holders) {
        if (holders.size() > 1) {
            decide(path, group, chooser.choose(path), holders);
        }
    }

    private void decide(TreePath path, Units.@Nullable Group group, Choice choice, List<Holding> holders) {
        List<List<Holding>> contents = new ArrayList<>();
        for (Holding holding : choice == Choice.LAST ? holders.reversed() : holders) {
            contents.stream()
                    .filter(same -> isSame(same.getFirst(), holding))
                    .findFirst()
                    .orElseGet(() -> {
                        List<Holding> others = new ArrayList<>();
                        contents.add(others);
                        return others;
                    })
                    .add(holding);
        }
        if (contents.size() > 1) {
            budget.take(path);
            decisions.add(new Decision(path, group, choice, contents));
        }
    }

    private boolean isSame(Holding one, Holding other) {
        return one.members().keySet().equals(other.members().keySet())
                && one.members().keySet().stream().allMatch(path -> reading.isSame(one.input(), other.input(), path));
    }

    private void settle(Decision decision, List<Lost> lost) {
        for (List<Holding> same : decision.contents()) {
            Holding first = same.getFirst();
            Renaming renaming = null;
            if (first.input() != decision.kept().input()) {
                renaming = decision.choice() == Choice.BOTH ? renaming(decision, first) : null;
                lost.add(new Lost(decision, first, renaming));
            }
            for (Holding holding : same) {
                if (holding.input() != decision.kept().input()) {
                    for (TreePath member : holding.members().keySet()) {
                        hide(holding.input(), member, renaming);
                    }
                }
            }
        }
    }

    private void hide(int input, TreePath path, @Nullable Renaming renaming) {
        TreePath own = reading.input(input).own(path);
        budget.take(path);
        settlements.get(input).hidden().add(own == null ? InputCursor.EVERYTHING : own);
        if (renaming != null) {
            TreePath place = renaming.names().place(path, renaming.suffix());
            budget.take(place);
            settlements.get(input).places().put(path, place);
        }
    }

    /** Finds names for a unit that nothing else has. */
    private Renaming renaming(Decision decision, Holding lost) {
        UnitNames names = UnitNames.of(decision.path(), decision.group(), lost.entry());
        String label = reading.input(lost.input()).label();
        for (int attempt = 0; ; attempt++) {
            String suffix = Renames.suffix(label, attempt);
            List<TreePath> all = names.all(lost.members().keySet(), suffix);
            if (all.stream().allMatch(this::isFree)) {
                all.forEach(budget::take);
                reserved.addAll(all);
                return new Renaming(names, suffix);
            }
        }
    }

    private void tell(Lost lost) {
        Decision decision = lost.decision();
        Renaming renaming = lost.renaming();
        if (renaming != null) {
            keep(lost.holding(), renaming);
        }
        listener.collided(new InputCollision(
                decision.path(),
                Kind.UNIT,
                decision.choice(),
                side(decision.kept(), decision),
                side(lost.holding(), decision),
                renaming == null ? null : renaming.names().whole(renaming.suffix())));
    }

    private Side side(Holding holding, Decision decision) {
        TreePath path = holding.pointer() == null ? decision.path() : holding.pointer();
        Entry entry = holding.entry();
        return new Side(
                holding.input(),
                reading.input(holding.input()).own(path),
                entry == null ? null : settlements.get(holding.input()).pointing(entry));
    }

    /** Keeps a unit under other names. */
    private void keep(Holding lost, Renaming renaming) {
        UnitNames names = renaming.names();
        String suffix = renaming.suffix();
        int input = lost.input();
        Settlement settlement = settlements.get(input);
        names.directory(suffix)
                .ifPresent(directory -> renames.put(
                        directory,
                        new Renames.Source.One(input, new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE))));
        lost.members()
                .forEach((path, entry) -> renames.put(
                        names.place(path, suffix),
                        entry instanceof Entry.Directory
                                ? new Renames.Source.Below(input, path)
                                : new Renames.Source.One(
                                        input,
                                        settlement.pointing(names.pointing(
                                                path, entry, lost.members().keySet(), suffix)))));
    }

    private boolean isFree(TreePath path) {
        if (reserved.contains(path)) {
            return false;
        }
        for (int i = 0; i < reading.inputs(); i++) {
            if (reading.lookAt(i, path).claim(path) != null) {
                return false;
            }
        }
        return true;
    }
}
