package dev.tidegate.manifest;

import org.jspecify.annotations.Nullable;

/** What is to be known of a merge besides its collisions. */
public sealed interface MergeWarning {

    /**
     * Names of one directory differ only in case or Unicode form, and come from different inputs: on some file systems they
     * are one.
     *
     * @param path one of them
     * @param other the other
     */
    record NamesAlike(TreePath path, TreePath other) implements MergeWarning {}

    /**
     * A directory has so many names that were added by inputs that not all of them were compared.
     *
     * @param directory null for the root
     */
    record NamesNotCompared(@Nullable TreePath directory) implements MergeWarning {}

    /**
     * A symbolic link leads to nothing in the merged tree.
     *
     * @param path of the link
     * @param link what it says
     */
    record LinkDangles(TreePath path, Entry.SymbolicLink link) implements MergeWarning {}

    /**
     * A symbolic link leads to what another input has where its own has something else, which is lost or is called
     * otherwise.
     *
     * @param path of the link
     * @param link what it says
     */
    record LinkRedirected(TreePath path, Entry.SymbolicLink link) implements MergeWarning {}

    /**
     * There are so many symbolic links that not all were looked after.
     *
     * @param path the first that was not
     */
    record LinksNotFollowed(TreePath path) implements MergeWarning {}

    /**
     * Nothing of an input is taken.
     *
     * @param input its place
     */
    record InputEmpty(int input) implements MergeWarning {}
}
