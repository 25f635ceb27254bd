package dev.tidegate.manifest;

import dev.tidegate.content.StoredChunk;
import java.nio.charset.StandardCharsets;

/** What stands at a path. */
public sealed interface Entry {

    /** The permission bits, set-id bits and the sticky bit that a mode may hold: the low 12 bits of {@code st_mode}. */
    int MODE_MASK = 07777;

    /**
     * A regular file.
     *
     * @param size in bytes
     * @param mode permission bits, 0 to 07777
     * @param mtime of its last modification
     * @param content its bytes: empty if and only if {@code size} is 0, at most {@link StoredChunk#MAX_LENGTH} bytes in a
     *     single chunk, at least 2 bytes in a chunk tree
     */
    record RegularFile(long size, int mode, Timestamp mtime, Content content) implements Entry {

        /**
         * Checks that the size and the content agree.
         *
         * @throws ManifestException.InvalidEntry if they do not, or a value is out of its bounds
         */
        public RegularFile {
            requireMode(mode);
            boolean fits =
                    switch (content) {
                        case Content.Empty() -> size == 0;
                        case Content.SingleChunk(var _) -> size >= 1 && size <= StoredChunk.MAX_LENGTH;
                        case Content.ChunkTree(var _) -> size >= 2;
                    };
            if (!fits) {
                throw new ManifestException.InvalidEntry("a file of " + size + " bytes cannot consist of " + content);
            }
        }
    }

    /**
     * A directory. It carries no time of modification: that changes whenever anything in it does, so two writers of one
     * directory, or two inputs of a merge, would collide on it without having changed anything that a user asked for.
     *
     * @param mode permission bits, 0 to 07777
     */
    record Directory(int mode) implements Entry {

        /**
         * Checks the mode.
         *
         * @throws ManifestException.InvalidEntry if it is out of its bounds
         */
        public Directory {
            requireMode(mode);
        }
    }

    /**
     * A symbolic link. Its text is data: nothing here follows it.
     *
     * @param target the text of the link as it was written, 1 to 4,095 bytes of UTF-8 without NUL; if
     *     {@code artifactRooted}, a path that {@link TreePath} accepts, or empty for the root of the artifact itself
     * @param artifactRooted whether the link was written as an absolute path into its artifact; {@code target} is then
     *     what follows the artifact's root in it
     */
    record SymbolicLink(String target, boolean artifactRooted) implements Entry {

        /** The longest text in bytes: Linux' {@code PATH_MAX} without its final NUL. */
        public static final int MAX_TARGET_BYTES = 4095;

        /**
         * Checks the text.
         *
         * @throws ManifestException.InvalidEntry if it breaks a limit
         */
        public SymbolicLink {
            if (artifactRooted) {
                if (!target.isEmpty()) {
                    requireTreePath(target);
                }
            } else if (target.isEmpty()) {
                throw new ManifestException.InvalidEntry("the text of a link is not empty");
            }
            if (target.indexOf('\0') >= 0 || Utf8.hasLoneSurrogate(target)) {
                throw new ManifestException.InvalidEntry(
                        "the text of a link is Unicode without NUL: \"" + target + "\"");
            }
            int length = target.getBytes(StandardCharsets.UTF_8).length;
            if (length > MAX_TARGET_BYTES) {
                throw new ManifestException.InvalidEntry(
                        "the text of a link has at most " + MAX_TARGET_BYTES + " bytes, not " + length);
            }
        }

        /**
         * Returns the text with which the link leads to the same place from wherever the artifact stands: one that is
         * rooted in the artifact becomes relative to its own directory.
         *
         * @param path of the link
         */
        public String textFrom(TreePath path) {
            if (!artifactRooted) {
                return target;
            }
            StringBuilder text = new StringBuilder();
            for (int depth = path.components().size(); depth > 1; depth--) {
                text.append("../");
            }
            text.append(target);
            if (text.isEmpty()) {
                return ".";
            }
            return target.isEmpty() ? text.substring(0, text.length() - 1) : text.toString();
        }

        private static void requireTreePath(String target) {
            try {
                TreePath.parse(target);
            } catch (ManifestException.InvalidPath refused) {
                throw new ManifestException.InvalidEntry("a link rooted in the artifact: " + refused.getMessage());
            }
        }
    }

    private static void requireMode(int mode) {
        if ((mode & ~MODE_MASK) != 0) {
            throw new ManifestException.InvalidEntry(
                    "a mode ranges from 0 to 07777, not 0" + Integer.toOctalString(mode));
        }
    }
}
