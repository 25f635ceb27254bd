package dev.tidegate.manifest;

/** What a merge has to remember, in bytes: it gives up before it takes more memory than it may. Not thread-safe. */
final class MergeBudget {

    /** What a path and what is remembered with it take besides the path's bytes. */
    private static final int EACH = 200;

    private final long limit;
    private long taken;

    MergeBudget(long limit) {
        this.limit = limit;
    }

    /** Tells whether another path can be remembered, and takes the room for it if so. */
    boolean offers(TreePath path) {
        long size = EACH + (long) path.byteLength();
        if (taken + size > limit) {
            return false;
        }
        taken += size;
        return true;
    }

    /**
     * Takes the room for a path.
     *
     * @throws ManifestException.LimitExceeded if there is none
     */
    void take(TreePath path) {
        if (!offers(path)) {
            throw new ManifestException.LimitExceeded("a merge may remember " + limit
                    + " bytes of names, and at \"" + path
                    + "\" that is not enough: merge fewer inputs at a time, or choose"
                    + " another policy");
        }
    }

    /** Gives back the room of a path. */
    void release(TreePath path) {
        taken -= EACH + (long) path.byteLength();
    }
}
