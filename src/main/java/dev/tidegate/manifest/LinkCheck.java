package dev.tidegate.manifest;

import dev.tidegate.manifest.InputCollision.Choice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the symbolic links of a merged tree that lead to nothing in it, or to something else than in the input that they
 * come from, without reading it: what is in it is what an input has there, unless a file hides it, and what was kept
 * under another name. Links that lead out of the tree are nobody's business.
 * Remembers a bounded number of links. Not thread-safe.
 */
final class LinkCheck {

    /** As many as Linux follows. */
    private static final int MAX_HOPS = 40;

    private final Reading reading;
    private final InputMerge.Chooser chooser;
    private final InputMerge.Listener listener;
    private final MergeBudget budget;
    private final List<Link> links = new ArrayList<>();

    /** What stands in the place of a directory of another input. */
    private final Set<TreePath> nothingBelow = new TreeSet<>();

    private final NavigableMap<TreePath, Renames.Source> placed = new TreeMap<>();
    private boolean full;

    /** A link of an input to be followed, and where its text leads to. */
    private record Link(TreePath path, Entry.SymbolicLink link, int input, TreePath target) {}

    LinkCheck(Reading reading, InputMerge.Chooser chooser, InputMerge.Listener listener, MergeBudget budget) {
        this.reading = reading;
        this.chooser = chooser;
        this.listener = listener;
        this.budget = budget;
    }

    /** Remembers a link of the merged tree, which comes from an input. */
    void add(TreePath path, Entry.SymbolicLink link, int input) {
        List<String> components = LinkTarget.components(path, link);
        if (full || components == null || components.isEmpty()) {
            return;
        }
        TreePath target = LinkTarget.path(String.join("/", components));
        if (target == null) {
            listener.warned(new MergeWarning.LinkDangles(path, link));
        } else if (budget.offers(MergeBudget.size(path, link) + MergeBudget.size(target))) {
            links.add(new Link(path, link, input, target));
        } else {
            full = true;
            listener.warned(new MergeWarning.LinksNotFollowed(path));
        }
    }

    /** Something else than a directory stands at {@code path}, though inputs have something below. */
    void nothingBelow(TreePath path) {
        budget.take(path);
        nothingBelow.add(path);
    }

    /** Something was kept at {@code path} that is called otherwise. */
    void placed(TreePath path, Renames.Source source) {
        budget.take(path, MergeBudget.size(path, source.entry()));
        placed.put(path, source);
    }

    /** Follows all links, and tells of those that lead to nothing, or elsewhere. */
    void finish() {
        if (links.isEmpty()) {
            return;
        }
        List<InputCursor> cursors = cursors(reading::lookPastHidden);
        List<InputCursor> whole = cursors(reading::look);
        links.sort(Comparator.comparing(Link::target));
        List<Link> lost = new ArrayList<>();
        List<Link> redirected = new ArrayList<>();
        for (Link link : links) {
            Entry standing = entryAt(link.target(), cursors);
            if (standing == null) {
                lost.add(link);
            } else if (isRedirected(link, standing, cursors, whole.get(link.input()))) {
                redirected.add(link);
            }
        }
        lost.sort(Comparator.comparing(Link::path));
        for (Link link : lost) {
            if (!leadsSomewhere(link)) {
                listener.warned(new MergeWarning.LinkDangles(link.path(), link.link()));
            }
        }
        redirected.sort(Comparator.comparing(Link::path));
        for (Link link : redirected) {
            listener.warned(new MergeWarning.LinkRedirected(link.path(), link.link()));
        }
    }

    private List<InputCursor> cursors(IntFunction<InputCursor> look) {
        return IntStream.range(0, reading.inputs()).mapToObj(look).toList();
    }

    /**
     * Tells whether something else stands where a link leads to than what its input has there.
     *
     * @param cursors of all inputs, past what is hidden
     * @param whole of its input, hidden or not
     */
    private boolean isRedirected(Link link, Entry standing, List<InputCursor> cursors, InputCursor whole) {
        TreePath target = link.target();
        Entry own = claim(whole, target);
        if (own == null) {
            return false;
        }
        if (Collision.between(standing, own)) {
            return true;
        }
        // Of a directory that was lost as a whole, another input's stands in its place.
        return own instanceof Entry.Directory
                && claim(cursors.get(link.input()), target) == null
                && cursors.stream()
                        .filter(cursor -> claim(cursor, target) != null)
                        .noneMatch(cursor -> reading.isSame(cursor.index(), link.input(), target));
    }

    private boolean isHidden(TreePath path) {
        for (TreePath above = path.parent(); above != null; above = above.parent()) {
            if (nothingBelow.contains(above)) {
                return true;
            }
        }
        return false;
    }

    /** Follows a link name by name, since what it leads to may lead on. */
    private boolean leadsSomewhere(Link link) {
        Deque<String> ahead = new ArrayDeque<>(link.target().components());
        TreePath at = null;
        for (int hops = 0; !ahead.isEmpty(); ) {
            at = LinkTarget.path(at == null ? ahead.removeFirst() : at + "/" + ahead.removeFirst());
            if (at == null) {
                return false;
            }
            Entry entry = entryAt(at, cursors(reading::lookPastHidden));
            if (entry == null || (entry instanceof Entry.RegularFile && !ahead.isEmpty())) {
                return false;
            }
            if (entry instanceof Entry.SymbolicLink on) {
                List<String> target = LinkTarget.components(at, on);
                hops++;
                if (target == null || hops > MAX_HOPS) {
                    // Out of the tree, or in a ring, which is as it was.
                    return target == null;
                }
                target.reversed().forEach(ahead::addFirst);
                at = null;
            }
        }
        return true;
    }

    /** What stands at a path, by cursors past what is hidden, which have passed nothing of it; null if nothing does. */
    private @Nullable Entry entryAt(TreePath path, List<InputCursor> cursors) {
        Entry kept = placedAt(path);
        if (kept != null || isHidden(path)) {
            return kept;
        }
        List<Entry> claims = new ArrayList<>();
        for (InputCursor cursor : cursors) {
            Entry claim = claim(cursor, path);
            if (claim != null) {
                claims.add(claim);
            }
        }
        if (claims.isEmpty()) {
            return null;
        }
        boolean differ = claims.stream().anyMatch(claim -> !claim.equals(claims.getFirst()));
        return differ && chooser.choose(path) == Choice.LAST ? claims.getLast() : claims.getFirst();
    }

    private @Nullable Entry placedAt(TreePath path) {
        Map.Entry<TreePath, Renames.Source> place = placed.floorEntry(path);
        if (place == null || !path.startsWith(place.getKey())) {
            return null;
        }
        return switch (place.getValue()) {
            case Renames.Source.One(int _, Entry entry) -> place.getKey().equals(path) ? entry : null;
            case Renames.Source.Below(int input, TreePath from) ->
                claim(reading.moved(input, from, place.getKey()), path);
        };
    }

    private static @Nullable Entry claim(InputCursor cursor, TreePath path) {
        cursor.seek(path);
        return cursor.claim(path);
    }
}
