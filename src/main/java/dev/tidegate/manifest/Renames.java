package dev.tidegate.manifest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a merge keeps under other names, until it comes to where they stand. Other names stand behind the names that they
 * are made of, and behind other names that were tried before, so a merge never comes too late. Not thread-safe.
 */
final class Renames {

    /** The longest name that file systems take. */
    private static final int MAX_NAME_BYTES = 255;

    private final MergeBudget budget;
    private final NavigableMap<TreePath, Deque<Rename>> waiting = new TreeMap<>();

    Renames(MergeBudget budget) {
        this.budget = budget;
    }

    /** What is kept under another name. */
    sealed interface Source {

        /** What stands there by itself; null if that is not remembered. */
        default @Nullable Entry entry() {
            return null;
        }

        /** One entry of an input. */
        record One(int input, Entry entry) implements Source {}

        /** What an input has at a path of the merged tree and below, were it not for others. */
        record Below(int input, TreePath path) implements Source {}
    }

    /**
     * Something to be put under another name.
     *
     * @param source what
     * @param loser what it is called, and whose it is, if it gets another name where the first is taken; null if its name
     *     is its own already
     */
    record Rename(Source source, @Nullable Loser loser) {}

    /**
     * Something that has lost its name.
     *
     * @param collision to be told once it has another
     * @param label of its input
     * @param attempt how many other names were taken
     */
    record Loser(InputCollision collision, String label, int attempt) {
        TreePath name() {
            return renamed(
                    collision.path(), suffix(label, attempt), collision.other().entry() instanceof Entry.Directory);
        }
    }

    /** What is put into a name to make it another. */
    static String suffix(String label, int attempt) {
        return "~" + label + "~2".repeat(attempt);
    }

    /**
     * Returns another name: {@code suffix} stands before the extension of a file, and at the end of a directory's name.
     *
     * @throws ManifestException.LimitExceeded if it is longer than file systems take
     */
    static TreePath renamed(TreePath path, String suffix, boolean directory) {
        String name = path.name();
        int dot = directory ? -1 : name.lastIndexOf('.');
        int end = dot <= 0 ? name.length() : dot;
        return sibling(path.parent(), name.substring(0, end) + suffix + name.substring(end));
    }

    /** Returns a path in {@code directory}; null is the root. */
    static TreePath sibling(@Nullable TreePath directory, String name) {
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new ManifestException.LimitExceeded("a name has at most " + MAX_NAME_BYTES
                    + " bytes, and to keep two of one name this would have more: \"" + name + '"');
        }
        return TreePath.within(directory, name);
    }

    /** Adds what has lost its name in {@code collision}. */
    void add(InputCollision collision, String label, Source source) {
        add(new Rename(source, new Loser(collision, label, 0)));
    }

    private void add(Rename rename) {
        Loser loser = rename.loser();
        if (loser == null) {
            throw new IllegalArgumentException("it has a name already");
        }
        put(loser.name(), rename);
    }

    /** Adds something at a path that nothing else claims. */
    void put(TreePath path, Source source) {
        put(path, new Rename(source, null));
    }

    /** The room that something takes while it waits for its place. */
    private static long size(TreePath path, Rename rename) {
        long size = MergeBudget.size(path, rename.source().entry());
        if (rename.loser() != null) {
            InputCollision collision = rename.loser().collision();
            size += MergeBudget.size(collision.path(), collision.kept().entry())
                    + MergeBudget.size(collision.path(), collision.other().entry());
        }
        return size;
    }

    private void put(TreePath path, Rename rename) {
        budget.take(path, size(path, rename));
        waiting.computeIfAbsent(path, _ -> new ArrayDeque<>(1)).addLast(rename);
    }

    /** Adds something again, whose name was taken. */
    void again(Rename rename) {
        Loser loser = rename.loser();
        if (loser == null) {
            throw new IllegalStateException("the name was free: " + rename);
        }
        add(new Rename(rename.source(), new Loser(loser.collision(), loser.label(), loser.attempt() + 1)));
    }

    /** The path at which the first of what waits is to stand; null if nothing does. */
    @Nullable
    TreePath first() {
        return waiting.isEmpty() ? null : waiting.firstKey();
    }

    /** Takes what is to stand at the first path, in the order in which it came. */
    Deque<Rename> takeFirst() {
        Map.Entry<TreePath, Deque<Rename>> first = waiting.pollFirstEntry();
        first.getValue().forEach(rename -> budget.release(size(first.getKey(), rename)));
        return first.getValue();
    }
}
