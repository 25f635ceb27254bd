package dev.tidegate.manifest;

/**
 * One path that two trees claim with different content. Equal content is no collision, whatever the modes and times, and
 * neither are two directories. Where a directory stands against something else, everything in it belongs to the collision.
 *
 * @param path where
 * @param kept what the result holds there
 * @param other what it does not hold
 */
public record Collision(TreePath path, Claim kept, Claim other) {

    /**
     * What one tree has at the path.
     *
     * @param input which tree: a writer's rank, or the place of an input
     * @param entry what stands there; a directory that stands only through what it holds has {@link
     *     TreeReader#IMPLIED_DIRECTORY_MODE}
     */
    public record Claim(int input, Entry entry) {}

    /** Tells whether two trees that have these at one path collide there. */
    static boolean between(Entry one, Entry other) {
        return switch (one) {
            case Entry.RegularFile file ->
                !(other instanceof Entry.RegularFile second)
                        || file.size() != second.size()
                        || !file.content().equals(second.content());
            case Entry.Directory _ -> !(other instanceof Entry.Directory);
            case Entry.SymbolicLink link -> !link.equals(other);
        };
    }
}
