package dev.tidegate.agent;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreePath;

/**
 * A directory that is published as it was at one moment. It was walked once, at that moment; the walk of the push has to
 * find the same, and the reading has to read what was found.
 *
 * @param root where it is
 * @param key names what keeps its previous version if this does not hold, in each pass
 * @param expected the fingerprint of the walk at that moment
 * @param found what the walk of the push finds
 */
record Unit(TreePath root, String key, Digest expected, Fingerprint found) {

    Unit(TreePath root, String key, Digest expected) {
        this(root, key, expected, new Fingerprint());
    }

    /** Whether the walk of the push, which is over, found the same. */
    boolean holds() {
        return found.digest().equals(expected);
    }
}
