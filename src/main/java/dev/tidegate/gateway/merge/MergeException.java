package dev.tidegate.gateway.merge;

import dev.tidegate.catalog.Snapshot;
import dev.tidegate.catalog.SnapshotId;

/** Why nothing is merged. Each condition has its own type, which carries what it is about. */
public abstract sealed class MergeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private MergeException(String message) {
        super(message);
    }

    private MergeException(String message, Throwable cause) {
        super(message, cause);
    }

    /** A resume names one snapshot twice for one place. */
    public static final class InputRepeated extends MergeException {
        private static final long serialVersionUID = 1L;

        private final transient SnapshotId snapshot;

        /** Carries the snapshot, and in {@code source} the name by which it came again. */
        public InputRepeated(SnapshotId snapshot, String source) {
            super("the input " + source + " is named twice: the snapshot " + snapshot
                    + " is among the inputs already; leave one out, or put it under a directory of its own");
            this.snapshot = snapshot;
        }

        /** The snapshot. */
        public SnapshotId snapshot() {
            return snapshot;
        }
    }

    /** A snapshot lacks the layers of some writers. */
    public static final class SnapshotIncomplete extends MergeException {
        private static final long serialVersionUID = 1L;

        private final transient SnapshotId snapshot;

        /** Carries the snapshot, and names the ranks that it lacks. */
        public SnapshotIncomplete(Snapshot snapshot) {
            super("the snapshot " + snapshot.id() + " is incomplete, its cut ended without rank "
                    + String.join(
                            ", ",
                            snapshot.missingRanks().stream()
                                    .map(String::valueOf)
                                    .toList())
                    + ": name a complete one, or none for the newest that is");
            this.snapshot = snapshot.id();
        }

        /** The snapshot. */
        public SnapshotId snapshot() {
            return snapshot;
        }
    }

    /** Inputs collide where the policy is to reject. */
    public static final class Collided extends MergeException {
        private static final long serialVersionUID = 1L;

        private final long count;

        /** Carries how many collisions are rejected. */
        public Collided(long count) {
            super("the inputs collide at " + count + (count == 1 ? " path" : " paths")
                    + ", and the policy is to reject that: nothing was created; plan the resume to see which, and choose a"
                    + " policy");
            this.count = count;
        }

        /** How many collisions are rejected. */
        public long count() {
            return count;
        }
    }

    /** The result would break a limit of manifests, or finding it would take more memory than it may. */
    public static final class LimitBroken extends MergeException {
        private static final long serialVersionUID = 1L;

        /** Carries what broke. */
        public LimitBroken(RuntimeException cause) {
            super("the merge breaks a limit: " + cause.getMessage(), cause);
        }
    }
}
