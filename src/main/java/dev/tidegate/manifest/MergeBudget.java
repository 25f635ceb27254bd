package dev.tidegate.manifest;

import org.jspecify.annotations.Nullable;

/**
 * What a merge has to remember, in bytes: it gives up before it takes more memory than it may. What it can do without has
 * at most half of that, so that it never gives up for such. Not thread-safe.
 */
final class MergeBudget {

    /** What a path and what is remembered with it take besides the path's bytes and the text of a link. */
    private static final int EACH = 200;

    private final long limit;
    private long taken;

    /** How much of what is taken is for what can be done without. */
    private long dispensable;

    MergeBudget(long limit) {
        this.limit = limit;
    }

    /** The room that a path takes. */
    static long size(TreePath path) {
        return EACH + (long) path.byteLength();
    }

    /** The room that a path takes with what stands there. */
    static long size(TreePath path, @Nullable Entry entry) {
        return entry instanceof Entry.SymbolicLink link
                ? size(path) + (long) link.target().length() * Character.BYTES
                : size(path);
    }

    /** Takes the room for something that can be done without, if there is any. */
    boolean offers(long size) {
        if (dispensable + size > limit / 2 || taken + size > limit) {
            return false;
        }
        dispensable += size;
        taken += size;
        return true;
    }

    /** Gives back what was offered. */
    void giveBack(long size) {
        dispensable -= size;
        taken -= size;
    }

    /**
     * Takes the room for something.
     *
     * @param path at which it is come to
     * @throws ManifestException.LimitExceeded if there is none
     */
    void take(TreePath path, long size) {
        if (taken + size > limit) {
            throw new ManifestException.LimitExceeded("a merge may remember " + limit
                    + " bytes of names, and at \"" + path
                    + "\" that is not enough: merge fewer inputs at a time, or choose"
                    + " another policy");
        }
        taken += size;
    }

    /** As the other, for a path. */
    void take(TreePath path) {
        take(path, size(path));
    }

    /** As the other, for a path with what stands there. */
    void take(TreePath path, Entry entry) {
        take(path, size(path, entry));
    }

    /** How much is taken. */
    long taken() {
        return taken;
    }

    /** Gives back what was taken. */
    void release(long size) {
        taken -= size;
    }
}
