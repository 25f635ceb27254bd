package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;

/**
 * Random trees and edits of them, as plain sorted maps. The seed is printed; {@code -Dtidegate.seed} repeats a run.
 */
final class RandomTrees {

    private static final List<String> NAMES = List.of(
            "a",
            "b",
            "a-b",
            "a.b",
            "a b",
            "A",
            "checkpoint",
            "model.safetensors",
            "step-",
            "été",
            "e\u0301",
            "日本",
            "😀",
            "\u0001",
            "~",
            "0",
            "events.out.tfevents",
            "_",
            "!",
            "\uFFFD",
            "x".repeat(60));

    final long seed;
    final Random random;

    RandomTrees() {
        this(Long.getLong("tidegate.seed", new Random().nextLong()));
    }

    RandomTrees(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        System.out.println("RandomTrees: -Dtidegate.seed=" + seed);
    }

    /** Returns a tree of about {@code size} entries. */
    NavigableMap<TreePath, Entry> tree(int size) {
        NavigableMap<TreePath, Entry> tree = new TreeMap<>();
        for (int i = 0; i < size; i++) {
            put(tree, path(), entry());
        }
        return tree;
    }

    /** Changes {@code tree} in {@code edits} places. */
    void edit(NavigableMap<TreePath, Entry> tree, int edits) {
        for (int i = 0; i < edits; i++) {
            if (tree.isEmpty() || random.nextInt(3) == 0) {
                put(tree, path(), entry());
                continue;
            }
            TreePath path = any(tree);
            switch (random.nextInt(5)) {
                case 0 -> remove(tree, path);
                case 1 -> put(tree, path, entry());
                case 2 -> {
                    if (tree.get(path) instanceof Entry.RegularFile) {
                        tree.put(path, file());
                    }
                }
                case 3 -> put(tree, path.parent() == null ? path : path.parent(), entry());
                default -> {
                    if (tree.get(path) instanceof Entry.Directory) {
                        put(tree, path.resolve(name()), entry());
                    }
                }
            }
        }
    }

    /** Puts an entry and what must be around it: directories above, and nothing below a file. */
    static void put(NavigableMap<TreePath, Entry> tree, TreePath path, Entry entry) {
        for (TreePath above = path.parent(); above != null; above = above.parent()) {
            if (!(tree.get(above) instanceof Entry.Directory)) {
                tree.put(above, new Entry.Directory(0755));
            }
        }
        if (!(entry instanceof Entry.Directory)) {
            remove(tree, path);
        }
        tree.put(path, entry);
    }

    static void remove(NavigableMap<TreePath, Entry> tree, TreePath path) {
        tree.subMap(path, true, path.afterSubtree(), false).clear();
    }

    TreePath any(NavigableMap<TreePath, Entry> tree) {
        TreePath path = tree.ceilingKey(path());
        return path == null ? tree.firstKey() : path;
    }

    TreePath path() {
        int depth = 1 + random.nextInt(4);
        TreePath path = TreePath.parse(name());
        for (int i = 1; i < depth; i++) {
            path = path.resolve(name());
        }
        return path;
    }

    String name() {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        return random.nextInt(3) == 0 ? name : name + random.nextInt(30);
    }

    Entry entry() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> new Entry.Directory(random.nextInt(010000));
            case 2 -> new Entry.SymbolicLink(random.nextBoolean() ? "../" + name() : "/x", false);
            case 3 -> new Entry.SymbolicLink(random.nextInt(4) == 0 ? "" : path().toString(), true);
            default -> file();
        };
    }

    Entry.RegularFile file() {
        Timestamp mtime = new Timestamp(random.nextInt(), random.nextInt(1_000_000_000));
        int mode = random.nextInt(010000);
        return switch (random.nextInt(4)) {
            case 0 -> new Entry.RegularFile(0, mode, mtime, Content.Empty.INSTANCE);
            case 1 ->
                new Entry.RegularFile(
                        2 + (random.nextLong() >>> 20), mode, mtime, new Content.ChunkTree(digest(random.nextLong())));
            default ->
                new Entry.RegularFile(
                        1 + random.nextInt(2 << 20), mode, mtime, new Content.SingleChunk(digest(random.nextLong())));
        };
    }

    /** Returns a digest that depends on {@code value} alone. */
    static Digest digest(long value) {
        return Digest.of(ByteBuffer.allocate(8).putLong(0, value));
    }

    /** Returns a file of one chunk that depends on {@code value} alone. */
    static Entry.RegularFile file(long value) {
        return new Entry.RegularFile(
                1000 + (value & 0xffff),
                0644,
                new Timestamp(1_750_000_000 + (value & 0xffff), (int) (value & 0xffff) * 15_000),
                new Content.SingleChunk(digest(value)));
    }

    /** Returns a tree as training leaves it: {@code size} files in directories of 100. */
    static NavigableMap<TreePath, Entry> regular(int size) {
        NavigableMap<TreePath, Entry> tree = new TreeMap<>();
        regular(size, tree::put, RandomTrees::file);
        return tree;
    }

    /** As the other, told entry by entry in their order, with files that {@code file} makes of their numbers. */
    static void regular(int size, BiConsumer<TreePath, Entry> added, IntFunction<Entry> file) {
        Entry directory = new Entry.Directory(0755);
        for (int i = 0; i < size; i++) {
            if (i % 10_000 == 0) {
                added.accept(TreePath.parse("run-%03d".formatted(i / 10_000)), directory);
            }
            if (i % 100 == 0) {
                added.accept(TreePath.parse("run-%03d/step-%05d".formatted(i / 10_000, i / 100)), directory);
            }
            added.accept(shard(i), file.apply(i));
        }
    }

    /** The path of a file of a {@link #regular} tree. */
    static TreePath shard(int number) {
        return TreePath.parse("run-%03d/step-%05d/shard-%07d.bin".formatted(number / 10_000, number / 100, number));
    }

    static TreeRoot build(Map<TreePath, Entry> sorted, NodeSink sink) {
        TreeBuilder builder = new TreeBuilder(sink);
        sorted.forEach(builder::add);
        return builder.finish();
    }

    static NavigableMap<TreePath, Entry> toMap(Iterator<PathEntry> entries) {
        NavigableMap<TreePath, Entry> map = new TreeMap<>();
        TreePath last = null;
        while (entries.hasNext()) {
            PathEntry entry = entries.next();
            if (last != null && last.compareTo(entry.path()) >= 0) {
                throw new AssertionError(entry.path() + " comes after " + last);
            }
            last = entry.path();
            map.put(entry.path(), entry.entry());
        }
        return map;
    }

    /** The changes that a comparison of the two maps finds, path by path. */
    static List<Change> diff(NavigableMap<TreePath, Entry> before, NavigableMap<TreePath, Entry> after) {
        NavigableMap<TreePath, Entry> all = new TreeMap<>(before);
        all.putAll(after);
        List<Change> changes = new ArrayList<>();
        for (TreePath path : all.keySet()) {
            Entry was = before.get(path);
            Entry is = after.get(path);
            if (was == null && is != null) {
                changes.add(new Change.Added(path, is));
            } else if (was != null && is == null) {
                changes.add(new Change.Removed(path, was));
            } else if (was != null && is != null && !was.equals(is)) {
                changes.add(new Change.Changed(path, was, is));
            }
        }
        return changes;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
