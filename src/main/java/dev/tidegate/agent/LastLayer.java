package dev.tidegate.agent;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the writer published last, as the gateway has it: whatever is in it may be named again while a push is open. Reads
 * nodes only where it is asked; any thread may.
 */
final class LastLayer {

    /** Nothing. */
    static final LastLayer NONE = new LastLayer(
            references -> {
                throw new IllegalStateException("nothing is below no root");
            },
            Optional.empty());

    private final TreeReader reader;
    private final Optional<Digest> root;

    /** Reads from {@code nodes} below {@code root}, which is empty if nothing was published. */
    LastLayer(NodeSource nodes, Optional<Digest> root) {
        this.reader = new TreeReader(nodes);
        this.root = root;
    }

    /** What stood at {@code path}; null if nothing did. */
    @Nullable
    Entry find(TreePath path) {
        return root.isEmpty() ? null : reader.find(root.get(), path);
    }

    /** What stood at and below {@code path}, in order. */
    Iterator<PathEntry> subtree(TreePath path) {
        Entry entry = find(path);
        if (root.isEmpty() || entry == null) {
            return Collections.emptyIterator();
        }
        PathEntry first = new PathEntry(path, entry);
        if (!(entry instanceof Entry.Directory)) {
            return List.of(first).iterator();
        }
        Iterator<PathEntry> below = reader.listRecursively(root.get(), path);
        return new Iterator<>() {
            private boolean begun;

            @Override
            public boolean hasNext() {
                return !begun || below.hasNext();
            }

            @Override
            public PathEntry next() {
                if (begun) {
                    return below.next();
                }
                begun = true;
                return first;
            }
        };
    }

    /**
     * The names of what stood directly in a directory, of those that are wanted.
     *
     * @param directory null for the root
     */
    List<String> names(@Nullable TreePath directory, Predicate<PathEntry> wanted) {
        List<String> names = new ArrayList<>();
        if (root.isPresent()) {
            reader.list(root.get(), directory).forEachRemaining(entry -> {
                if (wanted.test(entry)) {
                    names.add(entry.path().name());
                }
            });
        }
        return names;
    }
}
