package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.InputCollision.Choice;
import dev.tidegate.manifest.InputCollision.Kind;
import dev.tidegate.manifest.InputCollision.Side;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Merges trees that have nothing to do with each other into one: what is in any of them is in the merged tree. Where
 * several claim a path with different content, they collide, and a {@link Chooser} says what becomes of that.
 *
 * <p>Equal content is no collision, whatever modes and times, and neither are two directories; the entry of the input that is
 * preferred is taken: of the first, or of the last where that was chosen. Where something else than a directory is kept,
 * each directory that it stands against is lost with all that it holds, or kept whole under another name. What belongs
 * together by {@link Units} is kept or lost as a whole.
 *
 * <p>Subtrees that are the same in all inputs that have anything there, and those that one input alone has, are taken over by
 * reference without being read; but for those that hold symbolic links, all of which are followed. So the cost follows what
 * the inputs contend for, not their sizes. An input that is put under a directory, or of which a part is taken, is
 * read where that makes a difference. Collisions are told as they are found, each exactly once: those of units first,
 * then the others in the order in which the merged tree is written. None stops the walk.
 *
 * <p>Besides what is documented, the failures of {@link TreeReader} are thrown, and whatever source, sink, chooser and
 * listener throw. Thread-safe if these are.
 */
public final class InputMerge {

    /** The most inputs. */
    public static final int MAX_INPUTS = Long.SIZE;

    private final NodeSource source;
    private final NodeSink sink;
    private final long memory;

    /**
     * Reads from {@code source} and writes what is new to {@code sink}.
     *
     * @param memory about how many bytes may be held: half of it nodes ahead of being needed, half of it names
     */
    public InputMerge(NodeSource source, NodeSink sink, long memory) {
        this.source = source;
        this.sink = sink;
        this.memory = memory;
    }

    /** Says what is done where inputs differ, always the same for a path. Asked also where only modes or times differ. */
    @FunctionalInterface
    public interface Chooser {
        /** Returns what is done at {@code path} of the merged tree. */
        Choice choose(TreePath path);
    }

    /** Is told what is found. */
    public interface Listener {
        /** A collision. */
        void collided(InputCollision collision);

        /** Something that is no collision. */
        void warned(MergeWarning warning);
    }

    /**
     * Returns the merged tree.
     *
     * @param inputs 1 to {@link #MAX_INPUTS}, in the order of preference
     * @throws ManifestException.InvalidPath if a path would be too long
     * @throws ManifestException.LimitExceeded if the merged tree would break a limit, or too much would have to be remembered
     */
    public TreeRoot merge(List<MergeInput> inputs, Units units, Chooser chooser, Listener listener) {
        MergeInput first = inputs.getFirst();
        if (inputs.stream().allMatch(input -> input.isWhole() && input.root().equals(first.root()))) {
            return takenAsItIs(first.root(), inputs.size(), listener);
        }
        MergeBudget budget = new MergeBudget(memory / 2);
        Reading reading = new Reading(source, memory / 2, inputs);
        Renames renames = new Renames(budget);
        List<Settlement> settlements = new UnitScan(reading, units, chooser, listener, budget, renames).run();
        return new Walk(reading.settled(settlements), chooser, listener, budget, renames).run();
    }

    /** The merge of whole trees that are the same: links lead to where they led, so nothing but the root is read. */
    private TreeRoot takenAsItIs(Digest root, int inputs, Listener listener) {
        TreeRoot tree = new TreeReader(source).describe(root);
        if (tree.statistics().entries() == 0) {
            for (int i = 0; i < inputs; i++) {
                listener.warned(new MergeWarning.InputEmpty(i));
            }
        }
        return tree;
    }

    /** What stands at a path in an input. */
    private record Claim(InputCursor cursor, Entry entry) {
        boolean isDirectory() {
            return entry instanceof Entry.Directory;
        }

        Renames.Source source(TreePath path) {
            return isDirectory()
                    ? new Renames.Source.Below(cursor.index(), path)
                    : new Renames.Source.One(cursor.index(), entry);
        }
    }

    private final class Walk {

        private final Reading reading;
        private final Chooser chooser;
        private final Listener listener;
        private final Renames renames;
        private final List<InputCursor> cursors;
        private final Frontier frontier;
        private final LinkCheck links;
        private final TreeBuilder builder = new TreeBuilder(sink);

        Walk(Reading reading, Chooser chooser, Listener listener, MergeBudget budget, Renames renames) {
            this.reading = reading;
            this.chooser = chooser;
            this.listener = listener;
            this.renames = renames;
            this.cursors = reading.cursors();
            this.frontier = new Frontier(cursors, null);
            this.links = new LinkCheck(reading, chooser, listener, budget);
        }

        TreeRoot run() {
            warnOfEmptyInputs();
            while (true) {
                Frontier.Kind kind = frontier.find();
                TreePath renamed = renames.first();
                if (renamed != null && isNext(renamed, kind)) {
                    placeRenamed(renamed);
                    continue;
                }
                switch (kind) {
                    case ENTRIES -> settle(frontier.path());
                    case SUBTREE -> takeSubtree(renamed);
                    case END -> {
                        links.finish();
                        return builder.finish();
                    }
                }
            }
        }

        private void warnOfEmptyInputs() {
            for (InputCursor cursor : cursors) {
                // What is lost with a unit, or kept elsewhere, has been told as a collision.
                if (cursor.atEnd() && reading.look(cursor.index()).atEnd()) {
                    listener.warned(new MergeWarning.InputEmpty(cursor.index()));
                }
            }
        }

        /** Tells whether something that was renamed stands before, or at, what comes first of the inputs. */
        private boolean isNext(TreePath renamed, Frontier.Kind kind) {
            return switch (kind) {
                case END -> true;
                case ENTRIES -> renamed.compareTo(frontier.path()) <= 0;
                case SUBTREE -> {
                    TreePath after = frontier.first().getFirst().after();
                    yield after != null && renamed.compareTo(after) <= 0;
                }
            };
        }

        private void takeSubtree(@Nullable TreePath renamed) {
            Subtree subtree = frontier.first().getFirst().subtree();
            boolean undisturbed = renamed == null || renamed.compareTo(frontier.path()) > 0;
            if (subtree != null
                    && undisturbed
                    && subtree.statistics().links() == 0
                    && (subtree.endsAtBoundary() || (renamed == null && frontier.isLast()))
                    && builder.canAdopt(subtree)) {
                builder.adopt(subtree);
                frontier.advance();
            } else {
                frontier.descend();
            }
        }

        private void add(TreePath path, Entry entry, int input) {
            builder.add(path, entry);
            if (entry instanceof Entry.SymbolicLink link) {
                links.add(path, link, input);
            }
        }

        /**
         * Settles what the inputs have at a path, at or before which nothing else is ahead, and moves them on.
         *
         * @return what the merged tree holds there; null if nothing
         */
        private @Nullable Entry settle(TreePath path) {
            List<Claim> claims = new ArrayList<>(cursors.size());
            boolean equal = true;
            int directories = 0;
            for (InputCursor cursor : cursors) {
                Entry claim = cursor.claim(path);
                if (claim != null) {
                    claims.add(new Claim(cursor, claim));
                    equal &= claim.equals(claims.getFirst().entry());
                    directories += claim instanceof Entry.Directory ? 1 : 0;
                }
            }
            if (claims.isEmpty()) {
                return null;
            }
            Claim kept = claims.getFirst();
            if (!equal) {
                Choice choice = chooser.choose(path);
                if (choice == Choice.LAST) {
                    Collections.reverse(claims);
                    kept = claims.getFirst();
                }
                if (directories < claims.size()) {
                    collide(path, choice, claims);
                }
            }
            if (kept.isDirectory()) {
                // One that stands only through what it holds has no entry to give.
                for (Claim claim : claims) {
                    if (claim.isDirectory() && claim.cursor().isAt(path)) {
                        add(path, claim.entry(), claim.cursor().index());
                        break;
                    }
                }
            } else {
                add(path, kept.entry(), kept.cursor().index());
                if (directories > 0) {
                    links.nothingBelow(path);
                }
            }
            for (Claim claim : claims) {
                if (claim.isDirectory() && !kept.isDirectory()) {
                    claim.cursor().seek(path.afterSubtree());
                } else if (claim.cursor().isAt(path)) {
                    claim.cursor().advance();
                }
            }
            return kept.entry();
        }

        /** Tells of what the others have at a path that is not as the first has it. */
        private void collide(TreePath path, Choice choice, List<Claim> claims) {
            Claim kept = claims.getFirst();
            List<Claim> distinct = new ArrayList<>();
            distinct.add(kept);
            Set<List<Object>> modes = new HashSet<>();
            for (Claim claim : claims) {
                Claim same = same(path, claim, kept, distinct);
                if (same == null) {
                    distinct.add(claim);
                    lose(path, choice, kept, claim);
                } else if ((same.equals(kept) || choice == Choice.BOTH) && differInMode(same, claim)) {
                    if (modes.add(List.of(same, mode(claim)))) {
                        tell(path, Kind.MODE, choice, same, claim);
                    }
                }
            }
        }

        /** Returns the claim whose content is the same; null if there is none. A directory that is kept is of all. */
        private @Nullable Claim same(TreePath path, Claim claim, Claim kept, List<Claim> distinct) {
            for (Claim other : distinct) {
                if (!Collision.between(other.entry(), claim.entry())
                        && (!claim.isDirectory() || other.equals(kept) || isSameBelow(path, other, claim))) {
                    return other;
                }
            }
            return null;
        }

        private boolean isSameBelow(TreePath path, Claim one, Claim other) {
            return reading.isSame(one.cursor().index(), other.cursor().index(), path);
        }

        private static int mode(Claim claim) {
            return claim.entry() instanceof Entry.RegularFile file ? file.mode() : 0;
        }

        private static boolean differInMode(Claim one, Claim other) {
            return mode(one) != mode(other);
        }

        private void lose(TreePath path, Choice choice, Claim kept, Claim lost) {
            Kind kind = kind(kept.entry(), lost.entry());
            if (choice == Choice.BOTH) {
                renames.add(
                        new InputCollision(path, kind, choice, side(kept, path), side(lost, path), null),
                        reading.input(lost.cursor().index()).label(),
                        lost.source(path));
            } else {
                tell(path, kind, choice, kept, lost);
            }
        }

        private void tell(TreePath path, Kind kind, Choice choice, Claim kept, Claim other) {
            listener.collided(new InputCollision(path, kind, choice, side(kept, path), side(other, path), null));
        }

        private Side side(Claim claim, TreePath path) {
            int index = claim.cursor().index();
            return new Side(index, reading.input(index).own(path), claim.entry());
        }

        private static Kind kind(Entry kept, Entry lost) {
            if (kept instanceof Entry.RegularFile && lost instanceof Entry.RegularFile) {
                return Kind.CONTENT;
            }
            return kept instanceof Entry.SymbolicLink && lost instanceof Entry.SymbolicLink
                    ? Kind.LINK_TARGET
                    : Kind.TYPE;
        }

        /** Settles what the inputs have where something was renamed to, and then puts that there if nothing is. */
        private void placeRenamed(TreePath path) {
            Entry standing = settle(path);
            for (Renames.Rename rename : renames.takeFirst()) {
                boolean placed = true;
                if (standing == null) {
                    standing = place(path, rename.source());
                } else {
                    placed = rename.source() instanceof Renames.Source.One(int _, Entry entry)
                            && !Collision.between(standing, entry);
                }
                if (placed) {
                    told(path, rename.loser());
                } else {
                    renames.again(rename);
                }
            }
        }

        private Entry place(TreePath path, Renames.Source source) {
            links.placed(path, source);
            return switch (source) {
                case Renames.Source.One(int input, Entry entry) -> {
                    add(path, entry, input);
                    yield entry;
                }
                case Renames.Source.Below(int input, TreePath from) -> {
                    InputCursor moved = reading.moved(input, from, path);
                    while (!moved.atEnd()) {
                        if (moved.isEntry()) {
                            add(moved.lastKey(), moved.entry(), input);
                            moved.advance();
                        } else {
                            moved.descend();
                        }
                    }
                    yield new Entry.Directory(TreeReader.IMPLIED_DIRECTORY_MODE);
                }
            };
        }

        private void told(TreePath path, Renames.@Nullable Loser loser) {
            if (loser != null) {
                InputCollision lost = loser.collision();
                listener.collided(
                        new InputCollision(lost.path(), lost.kind(), lost.choice(), lost.kept(), lost.other(), path));
            }
        }
    }
}
