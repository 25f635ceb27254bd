package dev.tidegate.manifest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which paths of a tree are taken: those that one of the first patterns fits, or all if there are none, without those that
 * one of the second fits.
 *
 * @param include patterns of what is taken; empty for everything
 * @param exclude patterns of what is not
 */
public record PathFilter(List<PathPattern> include, List<PathPattern> exclude) {

    /** Takes everything. */
    public static final PathFilter ALL = new PathFilter(List.of(), List.of());

    /** What is taken of everything below a directory. */
    enum Verdict {
        ALL,
        SOME,
        NONE
    }

    /** Copies the lists. */
    public PathFilter {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    /** Tells whether everything is taken. */
    public boolean isAll() {
        return include.isEmpty() && exclude.isEmpty();
    }

    /** Tells whether a path is taken. */
    public boolean takes(TreePath path) {
        List<String> names = path.components();
        return (include.isEmpty() || fits(include, names)) && !fits(exclude, names);
    }

    private static boolean fits(List<PathPattern> patterns, List<String> names) {
        return patterns.stream().anyMatch(pattern -> pattern.accepts(pattern.after(names)));
    }

    /** Tells what is taken of everything below a directory; null is the root. */
    Verdict below(@Nullable TreePath directory) {
        List<String> names = directory == null ? List.of() : directory.components();
        Verdict included = include.isEmpty() ? Verdict.ALL : below(include, names);
        Verdict excluded = below(exclude, names);
        if (included == Verdict.NONE || excluded == Verdict.ALL) {
            return Verdict.NONE;
        }
        return included == Verdict.ALL && excluded == Verdict.NONE ? Verdict.ALL : Verdict.SOME;
    }

    private static Verdict below(List<PathPattern> patterns, List<String> names) {
        Verdict verdict = Verdict.NONE;
        for (PathPattern pattern : patterns) {
            long places = pattern.after(names);
            if (pattern.accepts(places)) {
                return Verdict.ALL;
            }
            if (places != 0) {
                verdict = Verdict.SOME;
            }
        }
        return verdict;
    }
}
