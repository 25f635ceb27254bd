package dev.tidegate.manifest;

import org.jspecify.annotations.Nullable;

/**
 * One path that two inputs of a merge claim with different content.
 *
 * @param path in the merged tree; of a group with a pointer, that of the pointer
 * @param kind what is different
 * @param choice what was chosen for the path
 * @param kept what the merged tree holds there
 * @param other what it does not hold there
 * @param otherKeptAs where it holds that instead; null if it does not
 */
public record InputCollision(
        TreePath path,
        Kind kind,
        Choice choice,
        Side kept,
        Side other,
        @Nullable TreePath otherKeptAs) {

    /** What is different. */
    public enum Kind {
        /** Two files with different content. */
        CONTENT,
        /** A file, a directory, a symbolic link: two of these. */
        TYPE,
        /**
         * A group of checkpoints with its pointer, or a directory of shards, of which anything is different. Shards at
         * the root, with the path of the first, are rejected whatever was chosen.
         */
        UNIT,
        /** Two symbolic links. */
        LINK_TARGET,
        /** Files with equal content and different modes. No reason to reject anything. */
        MODE
    }

    /** What is done where inputs collide. */
    public enum Choice {
        /** As {@link #FIRST}, but the caller will make nothing of the merged tree. */
        REJECT,
        /** What the first of the inputs has is kept. */
        FIRST,
        /** What the last of the inputs has is kept. */
        LAST,
        /** As {@link #FIRST}, and what the others have is kept under other names. */
        BOTH
    }

    /**
     * What an input has.
     *
     * @param input which, from 0
     * @param path where, in its own tree; null for its root, or a directory under which it was put
     * @param entry what; null for a group without a pointer
     */
    public record Side(
            int input, @Nullable TreePath path, @Nullable Entry entry) {}

    /** Tells whether the merged tree is not to be used. */
    public boolean isRejected() {
        return choice == Choice.REJECT && kind != Kind.MODE;
    }
}
