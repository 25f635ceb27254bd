package dev.tidegate.catalog;

import dev.tidegate.content.Digest;
import java.util.List;

/** What the catalogue refuses. Each condition has its own type, which carries what it is about. */
public abstract sealed class CatalogException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private CatalogException(String message) {
        super(message);
    }

    /** What can be looked for and not found. */
    public enum Kind {
        /** An experiment. */
        EXPERIMENT,
        /** An artifact. */
        ARTIFACT,
        /** A snapshot. */
        SNAPSHOT,
        /** A push. */
        PUSH,
        /** A chunk. */
        CHUNK,
        /** What an experiment started from. */
        RESUME,
        /** A label. */
        LABEL
    }

    /** There is none such in the caller's organisation. */
    public static final class NotFound extends CatalogException {
        private static final long serialVersionUID = 1L;

        private final Kind kind;
        private final String name;

        /** Carries what was looked for, under the name that the caller gave. */
        NotFound(Kind kind, String name) {
            this(kind, name, name);
        }

        private NotFound(Kind kind, String name, String told) {
            super("there is no " + kind.name().toLowerCase(java.util.Locale.ROOT) + " " + told);
            this.kind = kind;
            this.name = name;
        }

        /** The artifact has no snapshot that is selected so. */
        static NotFound snapshot(Artifact artifact, SnapshotSelector selector) {
            String of = artifact.id().toString();
            return switch (selector) {
                case SnapshotSelector.Latest(boolean complete) ->
                    new NotFound(
                            Kind.SNAPSHOT,
                            of,
                            "of " + of + ": nothing " + (complete ? "complete " : "") + "has been pushed to it yet");
                case SnapshotSelector.Numbered(long number) -> new NotFound(Kind.SNAPSHOT, of + "@" + number);
                case SnapshotSelector.Labelled(String name) -> new NotFound(Kind.SNAPSHOT, of + "@" + name);
                case SnapshotSelector.AsOf(var time, var _) ->
                    new NotFound(Kind.SNAPSHOT, of + "@" + time, "of " + of + " published at or before " + time);
            };
        }

        /** No artifact of the experiment has a snapshot that is selected so. */
        public static NotFound anySnapshot(String experiment) {
            return new NotFound(
                    Kind.SNAPSHOT, experiment, "of " + experiment + " as it is named: there is nothing to start from");
        }

        /** No snapshot of the artifact has the label. */
        static NotFound label(Artifact artifact, String name) {
            return new NotFound(Kind.LABEL, name, "'" + name + "' of " + artifact.id());
        }

        /** The experiment did not start from others. */
        static NotFound resume(Experiment experiment) {
            return new NotFound(Kind.RESUME, experiment.name(), "of " + experiment.name() + ": it started empty");
        }

        /** What was looked for. */
        public Kind kind() {
            return kind;
        }

        /** The name that the caller gave; for a snapshot the one by which it is asked for. */
        public String name() {
            return name;
        }
    }

    /** An argument is not of its form or breaks a limit. */
    public static final class InvalidArgument extends CatalogException {
        private static final long serialVersionUID = 1L;

        private final String field;

        /** Names the field, and in {@code message} the limit. */
        public InvalidArgument(String field, String message) {
            super(message);
            this.field = field;
        }

        /**
         * Refuses a text that PostgreSQL cannot keep or look for.
         *
         * @throws InvalidArgument if it has a NUL
         */
        static void requireNoNul(String field, String text) {
            if (text.indexOf('\0') >= 0) {
                throw new InvalidArgument(field, field + " has a NUL in it, which no text here can have");
            }
        }

        /** The field of the request. */
        public String field() {
            return field;
        }
    }

    /** Several experiments have the name. */
    public static final class NameAmbiguous extends CatalogException {
        private static final long serialVersionUID = 1L;

        private final String name;
        private final String experiments;

        /**
         * Carries the name.
         *
         * @param some the ids of some of them, the newest first
         * @param all whether there are no others
         */
        public NameAmbiguous(String name, List<ExperimentId> some, boolean all) {
            this(name, some.stream().map(ExperimentId::toString).toList(), all ? "" : " and others");
        }

        private NameAmbiguous(String name, List<String> ids, String others) {
            super("several experiments are named " + name + ": use the id of the one you mean, of "
                    + String.join(", ", ids) + others);
            this.name = name;
            this.experiments = String.join(",", ids);
        }

        /** The name. */
        public String name() {
            return name;
        }

        /** The ids of some of them, separated by commas. */
        public String experiments() {
            return experiments;
        }
    }

    /** The idempotency key came before with other arguments. */
    public static final class IdempotencyKeyReused extends CatalogException {
        private static final long serialVersionUID = 1L;

        private final String key;

        /** Carries the key, and in {@code difference} what was different. */
        public IdempotencyKeyReused(String key, String difference) {
            super("the idempotency key " + key + " was used before with " + difference);
            this.key = key;
        }

        /** The key. */
        public String key() {
            return key;
        }
    }

    /** The push's lease has ended, or it was abandoned. */
    public static final class PushClosed extends CatalogException {
        private static final long serialVersionUID = 1L;

        private final transient PushId push;

        /** Carries the push. */
        public PushClosed(PushId push) {
            super("the push " + push + " is closed: its lease ended or it was given up; begin it again under its key");
            this.push = push;
        }

        /** The push. */
        public PushId push() {
            return push;
        }
    }

    /** The root to publish is not present as a node of a path tree. */
    public static final class RootAbsent extends CatalogException {
        private static final long serialVersionUID = 1L;

        private final transient Digest root;

        /** Carries the root. */
        public RootAbsent(Digest root) {
            super("the root " + root + " is not stored as a node of a path tree: upload it before publishing");
            this.root = root;
        }

        /** The root. */
        public Digest root() {
            return root;
        }
    }

    /** A node names something that is not present. */
    public static final class ReferenceAbsent extends CatalogException {
        private static final long serialVersionUID = 1L;

        private final transient Digest node;
        private final transient Digest absent;

        /** Carries the node and the first thing that is absent. */
        public ReferenceAbsent(Digest node, Digest absent) {
            super("node " + node + " names " + absent + ", which is not stored: upload it first");
            this.node = node;
            this.absent = absent;
        }

        /** The node that was refused. */
        public Digest node() {
            return node;
        }

        /** What it names. */
        public Digest absent() {
            return absent;
        }
    }

    /** Another snapshot of the artifact has the label, or will have it. */
    public static final class LabelTaken extends CatalogException {
        private static final long serialVersionUID = 1L;

        private final String label;

        /** Carries the label and the snapshot that has it. */
        public LabelTaken(String label, SnapshotId owner) {
            super("the label " + label + " is taken by the snapshot " + owner
                    + ": take another name, or move the label");
            this.label = label;
        }

        /** Carries the label and the cut that waits for its snapshot with it. */
        public LabelTaken(String label, String cut) {
            super("the label " + label + " is taken by the cut " + cut);
            this.label = label;
        }

        /** The label. */
        public String label() {
            return label;
        }
    }

    /** A cut was begun with another number of writers. */
    public static final class CutMismatch extends CatalogException {
        private static final long serialVersionUID = 1L;

        private final String cut;

        /** Carries the cut, and names both numbers. */
        public CutMismatch(String cut, int begun, int named) {
            super("the cut " + cut + " was begun for " + begun + " writers, this push names " + named
                    + ": all writers of a cut name the same number");
            this.cut = cut;
        }

        /** The cut's name. */
        public String cut() {
            return cut;
        }
    }

    /** A cut has ended without the layer, or its writer has gone on to a later one. */
    public static final class CutPassed extends CatalogException {
        private static final long serialVersionUID = 1L;

        private final String cut;

        /** Carries the cut, and in {@code reason} what has passed it. */
        public CutPassed(String cut, String reason) {
            super("the cut " + cut + " takes no more layers: " + reason + "; push again in a later cut");
            this.cut = cut;
        }

        /** The cut's name. */
        public String cut() {
            return cut;
        }
    }

    /** Chunks that were present when looked up have been collected meanwhile; the caller sends them again. */
    public static final class ChunksCollected extends CatalogException {
        private static final long serialVersionUID = 1L;

        /** Carries how many. */
        public ChunksCollected(int count) {
            super(count + " chunks were collected while they were being reused: send them again");
        }
    }

    /** A measurement of what snapshots take would note more than it may. */
    public static final class UsageLimit extends CatalogException {
        private static final long serialVersionUID = 1L;

        private final long rows;

        /** Carries the limit. */
        public UsageLimit(long rows) {
            super("what these snapshots take cannot be measured within the limit of " + rows
                    + " noted chunks: measure fewer of them, or raise tidegate.usage.rows");
            this.rows = rows;
        }

        /** How many chunks may be noted. */
        public long rows() {
            return rows;
        }
    }
}
