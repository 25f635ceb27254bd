package dev.tidegate.manifest;

import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What has become of the units of an input.
 *
 * @param hidden paths of the input's own of which neither they nor anything below is taken where they stand
 * @param places what would stand at these paths of the merged tree, of which none is below another, stands there
 */
record Settlement(SortedSet<TreePath> hidden, NavigableMap<TreePath, TreePath> places) {

    /** Before anything was settled. */
    static final Settlement NONE = new Settlement(Collections.emptySortedSet(), Collections.emptyNavigableMap());

    /** Returns one to be filled. */
    static Settlement create() {
        return new Settlement(new TreeSet<>(), new TreeMap<>());
    }

    /** The same, with nothing hidden. */
    Settlement unhidden() {
        return new Settlement(NONE.hidden, places);
    }

    /** Where in the merged tree that stands which would stand at {@code path}. */
    TreePath place(TreePath path) {
        Map.Entry<TreePath, TreePath> unit = places.floorEntry(path);
        return unit != null && path.startsWith(unit.getKey()) ? path.moved(unit.getKey(), unit.getValue()) : path;
    }

    /** A link that is rooted in the artifact leads to where its target has been put; anything else is as it is. */
    Entry pointing(Entry entry) {
        return entry instanceof Entry.SymbolicLink(String target, boolean artifactRooted)
                        && artifactRooted
                        && !target.isEmpty()
                ? new Entry.SymbolicLink(place(TreePath.parse(target)).toString(), true)
                : entry;
    }
}
