package dev.tidegate.materialise;

import dev.tidegate.v1.Snapshot;
import java.nio.file.Path;

/**
 * What to pull where.
 *
 * @param snapshot whose tree appears in the directory
 * @param directory is created if it is absent; it may itself be reached through a link
 * @param force whether to write into a directory that is neither empty nor the target of an earlier pull of this
 *     artifact. Files in the way are replaced; what the snapshot does not name stays
 * @param verify whether files that are there already are kept only if their bytes are those of the snapshot; otherwise
 *     the same size and time of modification are enough
 * @param absoluteLinks whether a link that was written as an absolute path into its artifact becomes one below {@code
 *     directory}, for programs that join paths to what they read there; otherwise it becomes relative
 */
public record PullRequest(Snapshot snapshot, Path directory, boolean force, boolean verify, boolean absoluteLinks) {

    /** Into an empty directory or one of an earlier pull. */
    public static PullRequest of(Snapshot snapshot, Path directory) {
        return new PullRequest(snapshot, directory, false, false, false);
    }

    /** The same, forced or not. */
    public PullRequest withForce(boolean forced) {
        return new PullRequest(snapshot, directory, forced, verify, absoluteLinks);
    }

    /** The same with the bytes of kept files read, or not. */
    public PullRequest withVerify(boolean verified) {
        return new PullRequest(snapshot, directory, force, verified, absoluteLinks);
    }

    /** The same with links written as they were, or relative. */
    public PullRequest withAbsoluteLinks(boolean absolute) {
        return new PullRequest(snapshot, directory, force, verify, absolute);
    }
}
