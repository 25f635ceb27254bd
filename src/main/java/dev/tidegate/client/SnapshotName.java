package dev.tidegate.client;

import com.google.protobuf.Timestamp;
import dev.tidegate.v1.SnapshotSelector;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;

/**
 * A snapshot as a user names it.
 *
 * @param artifact an artifact's id ({@code art_…}) or {@code EXPERIMENT/TYPE}
 * @param selection which of its snapshots
 */
public record SnapshotName(String artifact, Selection selection) {

    private static final String ARTIFACT_ID = "art_";

    /** Snapshots have times in microseconds. */
    private static final Duration REST_OF_SECOND = Duration.ofNanos(999_999_000);

    /** Which snapshot of an artifact. */
    public sealed interface Selection {

        /** The newest. */
        record Newest() implements Selection {}

        /**
         * By number.
         *
         * @param number from 1
         */
        record Numbered(long number) implements Selection {}

        /**
         * By a name that it was given.
         *
         * @param label 1 to 100 letters, digits, {@code .}, {@code _} or {@code -}, not all digits
         */
        record Label(String label) implements Selection {}

        /**
         * The newest that was published at or before a time.
         *
         * @param time inclusive
         */
        record At(Instant time) implements Selection {}
    }

    /**
     * Checks the artifact.
     *
     * @throws IllegalArgumentException with a sentence for the user if it has neither form
     */
    public SnapshotName {
        int slash = artifact.indexOf('/');
        boolean wellFormed = slash < 0
                ? artifact.startsWith(ARTIFACT_ID)
                : slash > 0 && slash < artifact.length() - 1 && artifact.indexOf('/', slash + 1) < 0;
        if (!wellFormed || artifact.indexOf('@') >= 0) {
            throw new IllegalArgumentException("\"" + artifact
                    + "\" is no artifact: write its id (art_…) or EXPERIMENT/TYPE, such as" + " llama-7b/checkpoints");
        }
    }

    /** Tells whether what names an experiment or an artifact is meant for an artifact. */
    public static boolean namesArtifact(String name) {
        return name.startsWith(ARTIFACT_ID) || name.indexOf('/') >= 0;
    }

    /**
     * Parses {@code ARTIFACT}, {@code ARTIFACT@NUMBER}, {@code ARTIFACT@LABEL} or {@code ARTIFACT@TIME}, the time as in
     * {@code 2026-11-23T10:00:00Z} or with another offset. A time without a fraction is the end of its second, as tables show
     * the times of snapshots without theirs.
     *
     * @throws IllegalArgumentException with a sentence for the user if it has none of these forms
     */
    public static SnapshotName parse(String text) {
        int at = text.indexOf('@');
        if (at < 0) {
            return new SnapshotName(text, new Selection.Newest());
        }
        return new SnapshotName(text.substring(0, at), parseSelection(text, text.substring(at + 1)));
    }

    /**
     * Parses {@code NUMBER}, {@code LABEL} or {@code TIME}, as they stand behind the {@code @}.
     *
     * @throws IllegalArgumentException with a sentence for the user if it is none of these
     */
    public static Selection parseSelection(String selection) {
        return parseSelection(selection, selection);
    }

    static Selection parseSelection(String text, String selection) {
        if (selection.matches("[0-9]+")) {
            try {
                long number = Long.parseLong(selection);
                if (number > 0) {
                    return new Selection.Numbered(number);
                }
            } catch (NumberFormatException tooLarge) {
                // Told below together with zero: no snapshot has such a number.
            }
            throw new IllegalArgumentException(
                    "\"" + text + "\": snapshots are numbered from 1, and none has a number above " + Long.MAX_VALUE);
        }
        if (selection.indexOf(':') >= 0) {
            try {
                Instant time = OffsetDateTime.parse(selection).toInstant();
                return new Selection.At(selection.indexOf('.') < 0 ? time.plus(REST_OF_SECOND) : time);
            } catch (DateTimeParseException notATime) {
                throw new IllegalArgumentException(
                        "\"" + selection + "\" is no time: write it as 2026-11-23T10:00:00Z", notATime);
            }
        }
        if (selection.matches("[A-Za-z0-9._-]{1,100}")) {
            return new Selection.Label(selection);
        }
        throw new IllegalArgumentException("\"" + text
                + "\" names no snapshot: after '@' stands a number, a label or a time such as 2026-11-23T10:00:00Z");
    }

    SnapshotSelector toProto() {
        SnapshotSelector.Builder selector = SnapshotSelector.newBuilder().setArtifact(artifact);
        switch (selection) {
            case Selection.Newest() -> {}
            case Selection.Numbered(long number) -> selector.setNumber(number);
            case Selection.Label(String label) -> selector.setLabel(label);
            case Selection.At(Instant time) ->
                selector.setAt(
                        Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()));
        }
        return selector.build();
    }

    /** Returns the name as {@link #parse} takes it. */
    @Override
    public String toString() {
        return switch (selection) {
            case Selection.Newest() -> artifact;
            case Selection.Numbered(long number) -> artifact + "@" + number;
            case Selection.Label(String label) -> artifact + "@" + label;
            case Selection.At(Instant time) -> artifact + "@" + written(time);
        };
    }

    private static Instant written(Instant time) {
        Instant second = time.truncatedTo(ChronoUnit.SECONDS);
        return time.equals(second.plus(REST_OF_SECOND)) ? second : time;
    }
}
