package dev.tidegate.manifest;

import dev.tidegate.manifest.InputCollision.Choice;
import dev.tidegate.manifest.InputCollision.Kind;
import dev.tidegate.manifest.InputCollision.Side;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The rules of {@link InputMerge} on sorted maps, directory by directory, with everything at hand. */
final class InputMergeModel {

    /** An input as a map: the paths of its own. */
    record Source(MergeInput input, NavigableMap<TreePath, Entry> tree) {}

    final NavigableMap<TreePath, Entry> merged = new TreeMap<>();
    final List<InputCollision> collisions = new ArrayList<>();

    private final List<Source> sources;
    private final Units units;
    private final InputMerge.Chooser chooser;

    /** What is taken of each input, at its place. */
    private final List<NavigableMap<TreePath, Entry>> taken = new ArrayList<>();

    /** The same without what is lost with a unit. */
    private final List<NavigableMap<TreePath, Entry>> left = new ArrayList<>();

    private final Map<TreePath, Deque<Pending>> pending = new TreeMap<>();

    /** Where what would stand at a path has been put with a unit, for each input. */
    private final List<Map<TreePath, TreePath>> places = new ArrayList<>();

    private record Pending(
            int input,
            NavigableMap<TreePath, Entry> tree,
            @Nullable InputCollision collision,
            String label,
            int attempt) {}

    private record Claim(int input, Entry entry) {}

    InputMergeModel(List<Source> sources, Units units, InputMerge.Chooser chooser) {
        this.sources = sources;
        this.units = units;
        this.chooser = chooser;
        for (Source source : sources) {
            NavigableMap<TreePath, Entry> view = view(source);
            taken.add(view);
            left.add(new TreeMap<>(view));
            places.add(new TreeMap<>());
        }
        Set<Integer> all = new TreeSet<>();
        for (int i = 0; i < sources.size(); i++) {
            all.add(i);
        }
        List<Unit> found = new ArrayList<>();
        if (sources.size() > 1) {
            units(null, all, found);
        }
        found.forEach(this::settleUnit);
        pointToUnits();
        directory(null);
    }

    /** What a merge takes of an input, at its place. */
    static NavigableMap<TreePath, Entry> view(Source source) {
        PathFilter filter = source.input().filter();
        NavigableMap<TreePath, Entry> taken = new TreeMap<>();
        source.tree().forEach((path, entry) -> {
            if (filter.takes(path)) {
                taken.put(path, entry);
                for (TreePath above = path.parent(); above != null; above = above.parent()) {
                    Entry directory = source.tree().get(above);
                    if (directory != null) {
                        taken.put(above, directory);
                    }
                }
            }
        });
        TreePath under = source.input().under();
        NavigableMap<TreePath, Entry> view = new TreeMap<>();
        taken.forEach((path, entry) -> view.put(path.moved(null, under), moved(entry, null, null, under)));
        for (TreePath above = under; above != null && !view.isEmpty(); above = above.parent()) {
            view.put(above, new Entry.Directory(0755));
        }
        return view;
    }

    /** A link whose target was put elsewhere: what was at {@code from} is at {@code to}, all else below {@code under}. */
    private static Entry moved(Entry entry, @Nullable TreePath from, @Nullable TreePath to, @Nullable TreePath under) {
        if (!(entry instanceof Entry.SymbolicLink link) || !link.artifactRooted()) {
            return entry;
        }
        if (link.target().isEmpty()) {
            return new Entry.SymbolicLink(under == null ? "" : under.toString(), true);
        }
        TreePath target = TreePath.parse(link.target());
        TreePath place = from != null && target.startsWith(from) ? target.moved(from, to) : target.moved(null, under);
        return new Entry.SymbolicLink(place.toString(), true);
    }

    /** Links lead to where units have been put. */
    private void pointToUnits() {
        for (int i = 0; i < sources.size(); i++) {
            int input = i;
            taken.get(i).replaceAll((_, entry) -> pointing(input, entry));
            left.get(i).replaceAll((_, entry) -> pointing(input, entry));
        }
        pending.values()
                .forEach(here ->
                        here.forEach(one -> one.tree().replaceAll((_, entry) -> pointing(one.input(), entry))));
        collisions.replaceAll(collision -> new InputCollision(
                collision.path(),
                collision.kind(),
                collision.choice(),
                pointing(collision.kept()),
                pointing(collision.other()),
                collision.otherKeptAs()));
    }

    private Side pointing(Side side) {
        return new Side(side.input(), side.path(), side.entry() == null ? null : pointing(side.input(), side.entry()));
    }

    private Entry pointing(int input, Entry entry) {
        if (entry instanceof Entry.SymbolicLink link
                && link.artifactRooted()
                && !link.target().isEmpty()) {
            TreePath target = TreePath.parse(link.target());
            for (Map.Entry<TreePath, TreePath> unit : places.get(input).entrySet()) {
                if (target.startsWith(unit.getKey())) {
                    return new Entry.SymbolicLink(
                            target.moved(unit.getKey(), unit.getValue()).toString(), true);
                }
            }
        }
        return entry;
    }

    private static NavigableMap<TreePath, Entry> below(NavigableMap<TreePath, Entry> tree, TreePath path) {
        return tree.subMap(path, true, path.afterSubtree(), false);
    }

    private static @Nullable Entry claim(NavigableMap<TreePath, Entry> tree, TreePath path) {
        Entry entry = tree.get(path);
        return entry == null && !below(tree, path).isEmpty()
                ? new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE)
                : entry;
    }

    private static Set<TreePath> children(NavigableMap<TreePath, Entry> tree, @Nullable TreePath directory) {
        TreeSet<TreePath> children = new TreeSet<>();
        for (TreePath path : tree.keySet()) {
            if (directory == null || (path.startsWith(directory) && !path.equals(directory))) {
                children.add(path.childBelow(directory));
            }
        }
        return children;
    }

    private Side side(int input, TreePath path, @Nullable Entry entry) {
        return new Side(input, sources.get(input).input().own(path), entry);
    }

    // Units.

    private record Held(
            @Nullable TreePath pointer, @Nullable Entry entry, TreeMap<TreePath, Entry> members) {}

    private record Unit(
            TreePath path,
            Units.@Nullable Group group,
            Choice choice,
            Map<Integer, Held> holders,
            List<Integer> distinct) {}

    private void units(@Nullable TreePath directory, Set<Integer> present, List<Unit> found) {
        TreeSet<TreePath> children = new TreeSet<>();
        present.forEach(i -> children.addAll(children(taken.get(i), directory)));
        Map<Units.Group, Map<Integer, Held>> groups = new LinkedHashMap<>();
        TreeSet<Integer> withParts = new TreeSet<>();
        List<Unit> inner = new ArrayList<>();
        for (TreePath child : children) {
            Units.Group group = units.group(child.name());
            List<Integer> having = new ArrayList<>();
            Set<Integer> directories = new TreeSet<>();
            for (int i : present) {
                Entry claim = claim(taken.get(i), child);
                if (claim != null) {
                    boolean isDirectory = claim instanceof Entry.Directory;
                    having.add(i);
                    if (isDirectory) {
                        directories.add(i);
                    }
                    if (!isDirectory && units.isPart(child.name())) {
                        withParts.add(i);
                    }
                    if (group != null && group.pointer().equals(child.name()) != isDirectory) {
                        Map<Integer, Held> holders = groups.computeIfAbsent(group, _ -> new TreeMap<>());
                        Held held = holders.getOrDefault(i, new Held(null, null, new TreeMap<>()));
                        held.members().put(child, claim);
                        holders.put(i, isDirectory ? held : new Held(child, claim, held.members()));
                    }
                }
            }
            boolean member = group != null && !(group.pointer().equals(child.name()) && !directories.isEmpty());
            if (!member && directories.size() > 1) {
                int kept = chooser.choose(child) == Choice.LAST ? having.getLast() : having.getFirst();
                if (directories.contains(kept)) {
                    units(child, directories, inner);
                }
            }
        }
        if (directory == null && withParts.size() > 1) {
            Map<Integer, Held> holders = new TreeMap<>();
            for (int i : withParts) {
                TreeMap<TreePath, Entry> files = new TreeMap<>();
                for (TreePath child : children) {
                    Entry claim = claim(taken.get(i), child);
                    if (claim != null && !(claim instanceof Entry.Directory) && units.group(child.name()) == null) {
                        files.put(child, claim);
                    }
                }
                Map.Entry<TreePath, Entry> shard = files.entrySet().stream()
                        .filter(file -> units.isPart(file.getKey().name()))
                        .findFirst()
                        .orElseThrow();
                holders.put(i, new Held(shard.getKey(), shard.getValue(), files));
            }
            TreePath path =
                    Objects.requireNonNull(holder(holders, withParts.getFirst()).pointer());
            contend(path, null, Choice.REJECT, holders, found);
        }
        if (!withParts.isEmpty() && directory != null) {
            Map<Integer, Held> holders = new TreeMap<>();
            for (int i : present) {
                Entry entry = claim(taken.get(i), directory);
                if (entry != null) {
                    holders.put(i, new Held(null, entry, new TreeMap<>(Map.of(directory, entry))));
                }
            }
            contend(directory, null, holders, found);
            return;
        }
        found.addAll(inner);
        groups.forEach((group, holders) -> {
            if (holders.values().stream()
                    .anyMatch(held -> held.members().values().stream().anyMatch(Entry.Directory.class::isInstance))) {
                contend(TreePath.within(directory, group.pointer()), group, holders, found);
            }
        });
    }

    private void contend(TreePath path, Units.@Nullable Group group, Map<Integer, Held> holders, List<Unit> found) {
        contend(path, group, chooser.choose(path), holders, found);
    }

    private void contend(
            TreePath path, Units.@Nullable Group group, Choice choice, Map<Integer, Held> holders, List<Unit> found) {
        List<Integer> order = new ArrayList<>(holders.keySet());
        if (choice == Choice.LAST) {
            Collections.reverse(order);
        }
        List<Integer> distinct = new ArrayList<>();
        for (int i : order) {
            if (distinct.stream().noneMatch(other -> isSame(holders, other, i))) {
                distinct.add(i);
            }
        }
        if (distinct.size() > 1) {
            found.add(new Unit(path, group, choice, holders, distinct));
        }
    }

    private boolean isSame(Map<Integer, Held> holders, int one, int other) {
        Set<TreePath> members = holder(holders, one).members().keySet();
        if (!members.equals(holder(holders, other).members().keySet())) {
            return false;
        }
        return members.stream().allMatch(member -> isSame(member, one, other));
    }

    private boolean isSame(TreePath member, int one, int other) {
        TreeSet<TreePath> all = new TreeSet<>(below(taken.get(one), member).keySet());
        all.addAll(below(taken.get(other), member).keySet());
        for (TreePath path : all) {
            Entry here = claim(taken.get(one), path);
            Entry there = claim(taken.get(other), path);
            if (here == null || there == null || Collision.between(here, there)) {
                return false;
            }
        }
        return true;
    }

    private static Held holder(Map<Integer, Held> holders, int input) {
        return Objects.requireNonNull(holders.get(input));
    }

    private void settleUnit(Unit unit) {
        int kept = unit.distinct().getFirst();
        unit.holders().forEach((i, held) -> {
            if (i != kept) {
                held.members()
                        .keySet()
                        .forEach(member -> below(left.get(i), member).clear());
            }
        });
        for (int lost : unit.distinct().subList(1, unit.distinct().size())) {
            Held held = holder(unit.holders(), lost);
            TreePath keptAs = unit.choice() == Choice.BOTH ? rename(unit, lost, held) : null;
            collisions.add(new InputCollision(
                    unit.path(), Kind.UNIT, unit.choice(), side(unit, kept), side(unit, lost), keptAs));
        }
    }

    private Side side(Unit unit, int input) {
        Held held = holder(unit.holders(), input);
        return side(input, held.pointer() == null ? unit.path() : held.pointer(), held.entry());
    }

    private TreePath rename(Unit unit, int lost, Held held) {
        UnitNames names = UnitNames.of(unit.path(), unit.group(), held.entry());
        String label = sources.get(lost).input().label();
        String suffix = "~" + label;
        Set<TreePath> members = held.members().keySet();
        while (names.all(members, suffix).stream()
                .anyMatch(path ->
                        taken.stream().anyMatch(tree -> claim(tree, path) != null) || pending.containsKey(path))) {
            suffix += "~2";
        }
        String chosen = suffix;
        names.directory(suffix)
                .ifPresent(path -> put(lost, path, tree(path, new Entry.Directory(0755)), null, label, 0));
        unit.holders().forEach((i, other) -> {
            if (isSame(unit.holders(), lost, i)) {
                other.members().keySet().forEach(member -> places.get(i).put(member, names.place(member, chosen)));
            }
        });
        held.members().forEach((member, entry) -> {
            TreePath to = names.place(member, chosen);
            NavigableMap<TreePath, Entry> tree = entry instanceof Entry.Directory
                    ? at(lost, member, to)
                    : tree(to, names.pointing(member, entry, members, chosen));
            put(lost, to, tree, null, label, 0);
        });
        return names.whole(suffix);
    }

    private static NavigableMap<TreePath, Entry> tree(TreePath path, Entry entry) {
        return new TreeMap<>(Map.of(path, entry));
    }

    /** What an input has at a path and below, elsewhere. */
    private NavigableMap<TreePath, Entry> at(int input, TreePath path, TreePath to) {
        Source source = sources.get(input);
        TreePath under = source.input().under();
        TreePath own = source.input().own(path);
        NavigableMap<TreePath, Entry> moved = new TreeMap<>();
        if (own == null) {
            // The directory under which it was put: all of it, without the directories that were made for that.
            TreePath place = Objects.requireNonNull(under).moved(path, to);
            MergeInput elsewhere = new MergeInput(
                    "", source.input().root(), place, source.input().filter());
            moved.putAll(view(new Source(elsewhere, source.tree())));
            for (TreePath above = place; above != null; above = above.parent()) {
                moved.remove(above);
            }
            return moved;
        }
        MergeInput unmoved =
                new MergeInput("", source.input().root(), null, source.input().filter());
        below(view(new Source(unmoved, source.tree())), own)
                .forEach((key, entry) -> moved.put(key.moved(own, to), pointing(input, moved(entry, own, to, under))));
        return moved;
    }

    private void put(
            int input,
            TreePath path,
            NavigableMap<TreePath, Entry> tree,
            @Nullable InputCollision collision,
            String label,
            int attempt) {
        pending.computeIfAbsent(path, _ -> new ArrayDeque<>()).add(new Pending(input, tree, collision, label, attempt));
    }

    // Everything else.

    private void directory(@Nullable TreePath directory) {
        TreePath done = null;
        while (true) {
            TreeSet<TreePath> children = new TreeSet<>();
            left.forEach(tree -> children.addAll(children(tree, directory)));
            pending.keySet().stream()
                    .filter(path -> directory == null || path.startsWith(directory))
                    .forEach(path -> children.add(path.childBelow(directory)));
            TreePath next = done == null ? (children.isEmpty() ? null : children.first()) : children.higher(done);
            if (next == null) {
                return;
            }
            child(next);
            done = next;
        }
    }

    private void child(TreePath path) {
        List<Claim> claims = new ArrayList<>();
        for (int i = 0; i < left.size(); i++) {
            Entry entry = claim(left.get(i), path);
            if (entry != null) {
                claims.add(new Claim(i, entry));
            }
        }
        Entry standing = claims.isEmpty() ? null : settle(path, claims);
        Deque<Pending> here = pending.remove(path);
        if (here != null) {
            for (Pending one : here) {
                Entry entry = claim(one.tree(), path);
                if (standing == null) {
                    standing = entry == null ? new Entry.Directory(0755) : entry;
                    merged.putAll(one.tree());
                } else if (entry == null || entry instanceof Entry.Directory || Collision.between(standing, entry)) {
                    retry(one);
                    continue;
                }
                tell(one, path);
            }
        }
        if (standing instanceof Entry.Directory) {
            directory(path);
        }
    }

    private void retry(Pending one) {
        InputCollision lost = one.collision();
        if (lost == null) {
            throw new AssertionError("a unit's name was not free");
        }
        lose(lost, one.label(), one.attempt() + 1);
    }

    private void tell(Pending one, TreePath path) {
        InputCollision lost = one.collision();
        if (lost != null) {
            collisions.add(
                    new InputCollision(lost.path(), lost.kind(), lost.choice(), lost.kept(), lost.other(), path));
        }
    }

    private void lose(InputCollision lost, String label, int attempt) {
        boolean isDirectory = lost.other().entry() instanceof Entry.Directory;
        TreePath to = Renames.renamed(lost.path(), Renames.suffix(label, attempt), isDirectory);
        NavigableMap<TreePath, Entry> tree = isDirectory
                ? at(lost.other().input(), lost.path(), to)
                : tree(to, Objects.requireNonNull(lost.other().entry()));
        put(lost.other().input(), to, tree, lost, label, attempt);
    }

    private @Nullable Entry settle(TreePath path, List<Claim> claims) {
        Choice choice = chooser.choose(path);
        List<Claim> order = new ArrayList<>(claims);
        if (choice == Choice.LAST
                && claims.stream().map(Claim::entry).distinct().count() > 1) {
            Collections.reverse(order);
        }
        Claim kept = order.getFirst();
        boolean keepsDirectory = kept.entry() instanceof Entry.Directory;
        List<Claim> files = new ArrayList<>();
        Map<Claim, Set<Integer>> modes = new HashMap<>();
        List<Integer> directories = new ArrayList<>();
        if (!keepsDirectory) {
            files.add(kept);
        }
        for (Claim claim : order.subList(1, order.size())) {
            if (claim.entry() instanceof Entry.Directory) {
                if (!keepsDirectory && directories.stream().noneMatch(other -> isSame(path, other, claim.input()))) {
                    directories.add(claim.input());
                    lost(path, choice, kept, claim);
                }
                continue;
            }
            Claim same = files.stream()
                    .filter(other -> !Collision.between(other.entry(), claim.entry()))
                    .findFirst()
                    .orElse(null);
            if (same == null) {
                files.add(claim);
                lost(path, choice, kept, claim);
            } else if (same.entry() instanceof Entry.RegularFile one
                    && claim.entry() instanceof Entry.RegularFile other
                    && one.mode() != other.mode()
                    && (same.equals(kept) || choice == Choice.BOTH)
                    && modes.computeIfAbsent(same, _ -> new HashSet<>()).add(other.mode())) {
                collisions.add(new InputCollision(
                        path,
                        Kind.MODE,
                        choice,
                        side(same.input(), path, same.entry()),
                        side(claim.input(), path, claim.entry()),
                        null));
            }
        }
        if (keepsDirectory) {
            order.stream()
                    .map(claim -> left.get(claim.input()).get(path))
                    .filter(Entry.Directory.class::isInstance)
                    .findFirst()
                    .ifPresent(entry -> merged.put(path, entry));
            for (Claim claim : order) {
                if (!(claim.entry() instanceof Entry.Directory)) {
                    left.get(claim.input()).remove(path);
                }
            }
        } else {
            merged.put(path, kept.entry());
            left.forEach(tree -> below(tree, path).clear());
        }
        return kept.entry();
    }

    private void lost(TreePath path, Choice choice, Claim kept, Claim lost) {
        Entry one = kept.entry();
        Entry other = lost.entry();
        Kind kind = one.getClass() != other.getClass()
                ? Kind.TYPE
                : one instanceof Entry.RegularFile ? Kind.CONTENT : Kind.LINK_TARGET;
        InputCollision collision = new InputCollision(
                path, kind, choice, side(kept.input(), path, one), side(lost.input(), path, other), null);
        if (choice == Choice.BOTH) {
            lose(collision, sources.get(lost.input()).input().label(), 0);
        } else {
            collisions.add(collision);
        }
    }
}
