package dev.tidegate.manifest;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which files belong together, by what they are called, so that a merge never mixes them: a pointer and the directories that
 * it may name, in any directory, and directories in which a file is a part of a whole.
 */
public interface Units {

    /** Every file is on its own. */
    Units NONE = new Units() {
        @Override
        public @Nullable Group group(String name) {
            return null;
        }

        @Override
        public boolean isPart(String name) {
            return false;
        }

        @Override
        public Set<String> partPrefixes() {
            return Set.of();
        }
    };

    /** Returns what is called so belongs to in its directory; null if it is on its own. */
    @Nullable
    Group group(String name);

    /**
     * Tells whether a file that is called so is a part of all that its directory holds; at the root, of the files there.
     */
    boolean isPart(String name);

    /** What parts are called starts with one of these: nothing else in a directory is looked at to find one. */
    Set<String> partPrefixes();

    /** A pointer and directories beside it. Two are equal if they are the same group in one directory. */
    interface Group {

        /** What the pointer is called. */
        String pointer();

        /**
         * Returns what one of the group is called where it stands beside another group of this name; null if what the group
         * is called does not show in its pointer, so that the whole group has to be put elsewhere.
         */
        @Nullable
        String renamed(String name, String suffix);
    }
}
