package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Lays trees over each other: of each path the composition holds what the first of the layers has there that has anything.
 * If that is no directory, nothing that the others have below it is in the composition; if it is one, what they have below
 * is, and what they have in its place is not.
 *
 * <p>A composition is updated from the one before. The changes of the layers say where it may differ; there, and only
 * there, all layers are asked again, so that what a layer hid comes to light when the layer gives it up. Everything else
 * is taken over from the composition before, whole subtrees by reference. The cost, in nodes read and written and in time,
 * follows the changes times the number of layers, never the size of the trees.
 *
 * <p>Collisions are told to a listener as they begin and end, in the order of the paths; none stops the walk. Besides what
 * is documented, the failures of {@link TreeReader} are thrown, and whatever source, sink and listener throw. Thread-safe
 * if these are.
 */
public final class Composition {

    /** Readers that a layer needs at most: its state now, its state before, and two to compare them. */
    private static final int READERS = 4;

    /** Levels of a usual tree. */
    private static final int LEVELS = 3;

    private final NodeSource source;
    private final NodeSink sink;
    private final long memory;

    /**
     * Reads from {@code source} and writes what is new to {@code sink}.
     *
     * @param memory about how many bytes of nodes may be held ahead of being needed, by all readers of an update, and how many
     *     of those between their roots and where they stand; each needs its own for as long as it moves
     */
    public Composition(NodeSource source, NodeSink sink, long memory) {
        this.source = source;
        this.sink = sink;
        this.memory = memory;
    }

    /** Is told what an update changes in the collisions among the layers. */
    public interface Listener {

        /** Two layers collide that did not, or not with these entries. */
        void began(Collision collision);

        /** Two layers do not collide any more, or not with these entries. Comes before what begins at the same path. */
        void ended(Collision collision);
    }

    /**
     * Returns the composition of {@code after}.
     *
     * @param composed the root of the composition of {@code before}; null if that is empty
     * @param before the roots of the layers before, by the ranks of their writers
     * @param after the roots of the layers now
     */
    public TreeRoot update(
            @Nullable Digest composed,
            SortedMap<Integer, Digest> before,
            SortedMap<Integer, Digest> after,
            Listener listener) {
        return new Update(composed, before, after, listener).run();
    }

    /** The two states of a layer; the same cursor if they are equal. */
    private record Layer(
            int writer,
            @Nullable TreeCursor before,
            @Nullable TreeCursor after) {

        @Nullable
        TreeCursor state(boolean now) {
            return now ? after : before;
        }
    }

    /** A layer's next change. */
    private record Next(Change change, Iterator<Change> rest) {}

    /**
     * What the layers make of a path.
     *
     * @param entry what the composition holds there: null if nothing, or a directory without an entry of its own
     * @param leaf whether that is no directory
     */
    private record Outcome(@Nullable Entry entry, boolean leaf, List<Collision> collisions) {
        static final Outcome NONE = new Outcome(null, false, List.of());
    }

    private final class Update {

        private final Listener listener;
        private final TreeBuilder builder = new TreeBuilder(sink);
        private final @Nullable TreeCursor composed;
        private final List<Layer> layers = new ArrayList<>();

        /** Every cursor of {@link #layers} once. */
        private final List<TreeCursor> cursors = new ArrayList<>();

        private final PriorityQueue<Next> changes =
                new PriorityQueue<>(Comparator.comparing(next -> next.change().path()));

        private final long memoryEach;
        private final HeldNodes held = new HeldNodes(memory);

        Update(
                @Nullable Digest composed,
                SortedMap<Integer, Digest> before,
                SortedMap<Integer, Digest> after,
                Listener listener) {
            this.listener = listener;
            TreeSet<Integer> writers = new TreeSet<>(before.keySet());
            writers.addAll(after.keySet());
            this.memoryEach = memory / ((long) READERS * LEVELS * (writers.size() + 1));
            this.composed = composed == null ? null : cursor(composed);
            for (int writer : writers) {
                Digest was = before.get(writer);
                Digest is = after.get(writer);
                if (was != null && was.equals(is)) {
                    TreeCursor same = layerCursor(was);
                    layers.add(new Layer(writer, same, same));
                } else {
                    layers.add(new Layer(writer, layerCursor(was), layerCursor(is)));
                    follow(changes(was, is));
                }
            }
        }

        private TreeCursor cursor(Digest root) {
            return new TreeCursor(ReadAhead.adaptive(source, memoryEach), root, held);
        }

        private @Nullable TreeCursor layerCursor(@Nullable Digest root) {
            if (root == null) {
                return null;
            }
            TreeCursor cursor = cursor(root);
            cursors.add(cursor);
            return cursor;
        }

        private Iterator<Change> changes(@Nullable Digest was, @Nullable Digest is) {
            ReadAhead readAhead = ReadAhead.throughout(source, memoryEach);
            if (was != null && is != null) {
                return new Diff.Changes(
                        new TreeCursor(readAhead, was, held), new TreeCursor(readAhead, is, held), null);
            }
            Digest only = was == null ? is : was;
            if (only == null) {
                return Collections.emptyIterator();
            }
            Iterator<PathEntry> all = TreeReader.entries(new TreeCursor(readAhead, only, held));
            return new Lookahead<>() {
                @Override
                @Nullable
                Change advance() {
                    if (!all.hasNext()) {
                        return null;
                    }
                    PathEntry next = all.next();
                    return was == null
                            ? new Change.Added(next.path(), next.entry())
                            : new Change.Removed(next.path(), next.entry());
                }
            };
        }

        private void follow(Iterator<Change> rest) {
            if (rest.hasNext()) {
                changes.add(new Next(rest.next(), rest));
            }
        }

        TreeRoot run() {
            TreePath settled = null;
            boolean withAllBelow = false;
            for (Next next = changes.poll(); next != null; next = changes.poll()) {
                TreePath path = next.change().path();
                follow(next.rest());
                if (settled != null && (withAllBelow ? path.startsWith(settled) : path.equals(settled))) {
                    continue;
                }
                TreePath place = firstNonDirectory(path, settled);
                withAllBelow = place != null || isNonDirectory(path);
                settled = place == null ? path : place;
                settle(settled, withAllBelow);
            }
            if (composed != null) {
                TreeCopy.copy(composed, builder, null);
            }
            return builder.finish();
        }

        /**
         * Returns the highest path above {@code path} at which a layer has something else than a directory, so that the
         * layers contend for everything below; null if there is none.
         *
         * @param known a path that was asked for before, nothing above which is of this kind
         */
        private @Nullable TreePath firstNonDirectory(TreePath path, @Nullable TreePath known) {
            TreePath above = null;
            for (TreePath next = path.childBelow(above); !next.equals(path); next = path.childBelow(above)) {
                if ((known == null || !known.startsWith(next)) && isNonDirectory(next)) {
                    return next;
                }
                above = next;
            }
            return null;
        }

        /** Tells whether a layer has, or had, something else than a directory there. */
        private boolean isNonDirectory(TreePath path) {
            boolean found = false;
            for (TreeCursor cursor : cursors) {
                cursor.seek(path);
                Entry claim = TreeCopy.claim(cursor, path);
                found |= claim != null && !(claim instanceof Entry.Directory);
            }
            return found;
        }

        /** Asks all layers again for {@code path}, and for all below it or not. */
        private void settle(TreePath path, boolean withAllBelow) {
            if (composed != null) {
                TreeCopy.copy(composed, builder, path);
            }
            if (withAllBelow) {
                settleAllBelow(path);
                if (composed != null) {
                    TreeCopy.skip(composed, path.afterSubtree());
                }
            } else {
                put(path, outcome(path, true));
                if (composed != null
                        && !composed.atEnd()
                        && composed.isEntry()
                        && composed.lastKey().equals(path)) {
                    composed.advance();
                }
            }
        }

        private void settleAllBelow(TreePath top) {
            // What hides everything below it, before and after.
            TreePath hidingBefore = null;
            TreePath hidingAfter = null;
            cursors.forEach(cursor -> cursor.seek(top));
            for (TreePath path = first(); path != null && path.startsWith(top); path = first()) {
                boolean hiddenBefore = hidingBefore != null && path.startsWith(hidingBefore);
                boolean hiddenAfter = hidingAfter != null && path.startsWith(hidingAfter);
                Outcome before = hiddenBefore ? Outcome.NONE : outcome(path, false);
                Outcome after = hiddenAfter ? Outcome.NONE : outcome(path, true);
                if (before.leaf()) {
                    hidingBefore = path;
                }
                if (after.leaf()) {
                    hidingAfter = path;
                }
                tell(before.collisions(), after.collisions());
                put(path, after);
                boolean nothingBelow = (hiddenBefore || before.leaf()) && (hiddenAfter || after.leaf());
                for (TreeCursor cursor : cursors) {
                    if (nothingBelow) {
                        cursor.seek(path.afterSubtree());
                    } else if (!cursor.atEnd() && cursor.lastKey().equals(path)) {
                        cursor.advance();
                        toEntry(cursor);
                    }
                }
            }
        }

        /** The first path ahead of any layer; null if there is none. All cursors stand at entries. */
        private @Nullable TreePath first() {
            TreePath first = null;
            for (TreeCursor cursor : cursors) {
                if (!cursor.atEnd() && (first == null || cursor.lastKey().compareTo(first) < 0)) {
                    first = cursor.lastKey();
                }
            }
            return first;
        }

        private void put(TreePath path, Outcome outcome) {
            if (outcome.entry() != null) {
                builder.add(path, outcome.entry());
            }
        }

        private void tell(List<Collision> before, List<Collision> after) {
            for (Collision collision : before) {
                if (!after.contains(collision)) {
                    listener.ended(collision);
                }
            }
            for (Collision collision : after) {
                if (!before.contains(collision)) {
                    listener.began(collision);
                }
            }
        }

        /** What the layers make of a path above which all of them have directories, and before which none stands. */
        private Outcome outcome(TreePath path, boolean now) {
            Collision.Claim kept = null;
            Entry.Directory directory = null;
            List<Collision> collisions = List.of();
            for (Layer layer : layers) {
                TreeCursor cursor = layer.state(now);
                Entry claim = cursor == null ? null : TreeCopy.claim(cursor, path);
                if (cursor == null || claim == null) {
                    continue;
                }
                if (kept == null) {
                    kept = new Collision.Claim(layer.writer(), claim);
                } else if (Collision.between(kept.entry(), claim)) {
                    collisions = collisions.isEmpty() ? new ArrayList<>() : collisions;
                    collisions.add(new Collision(path, kept, new Collision.Claim(layer.writer(), claim)));
                }
                if (directory == null
                        && claim instanceof Entry.Directory own
                        && cursor.lastKey().equals(path)) {
                    directory = own;
                }
            }
            if (kept == null) {
                return Outcome.NONE;
            }
            boolean leaf = !(kept.entry() instanceof Entry.Directory);
            return new Outcome(leaf ? kept.entry() : directory, leaf, collisions);
        }
    }

    private static void toEntry(TreeCursor cursor) {
        while (!cursor.atEnd() && !cursor.isEntry()) {
            cursor.descend();
        }
    }
}
