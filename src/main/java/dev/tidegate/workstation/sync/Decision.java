package dev.tidegate.workstation.sync;

/**
 * What is to be done at a path.
 *
 * @param action what
 * @param displaced what has to give way
 */
record Decision(Action action, Displaced displaced) {

    /** What is to be done. */
    enum Action {
        /** Nothing: it is as it should be. */
        KEEP,
        /** It has the right content, and no sync has put it there: from now on it counts as if one had. */
        ADOPT,
        /** A file has the right content, and other permissions or another time. */
        SET_ATTRIBUTES,
        /** A file's content is to be put there. */
        WRITE,
        MAKE_DIRECTORY,
        SET_DIRECTORY_MODE,
        MAKE_LINK
    }

    /** What stands in the way. */
    enum Displaced {
        NOTHING,
        /** What a sync has put there, unchanged. */
        OURS,
        /** What somebody else has put there or changed: it is kept under another name. */
        THEIRS
    }

    static Decision of(Action action) {
        return new Decision(action, Displaced.NOTHING);
    }
}
