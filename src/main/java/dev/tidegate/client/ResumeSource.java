package dev.tidegate.client;

import com.google.protobuf.Timestamp;
import dev.tidegate.client.SnapshotName.Selection;
import dev.tidegate.v1.ResumeInput;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a new experiment starts from, as a user names it.
 *
 * @param source an artifact's id ({@code art_…}), {@code EXPERIMENT/TYPE}, or an experiment's id or name for all of its
 *     artifacts
 * @param selection which snapshot; of an experiment not by number
 * @param under the directory of the new artifact under which it is put; empty for its root
 * @param pattern which of its paths are taken; empty for all
 */
public record ResumeSource(String source, Selection selection, Optional<String> under, Optional<String> pattern) {

    /** A time holds colons itself, also one without an offset, which is refused; what else stands before a pattern holds none. */
    private static final Pattern FORM = Pattern.compile(
            "(?:(?<under>[^=:]+)=)?(?<source>[^/@:=]+(?:/[^/@:]+)?)"
                    + "(?:@(?<which>\\d{4,}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?(?:Z|[+-]\\d\\d(?::\\d\\d)?)?|[^:]*))?"
                    + "(?::(?<pattern>.+))?",
            Pattern.DOTALL);

    /**
     * Parses {@code [DIRECTORY=]SOURCE[@WHICH][:PATTERN]}, with a number, a label or a time after the sign as for {@link
     * SnapshotName#parse}. An experiment whose name holds {@code =} or {@code :}, as new ones may not, is named by its id; a
     * directory holds neither and is not empty, a pattern holds both.
     *
     * @throws IllegalArgumentException with a sentence for the user if it has not this form
     */
    public static ResumeSource parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + text
                    + "\" is no input: write [DIRECTORY=]SOURCE[@WHICH][:PATTERN], where SOURCE is an experiment,"
                    + " EXPERIMENT/TYPE or an artifact's id (art_…)");
        }
        String which = matcher.group("which");
        Selection selection = which == null ? new Selection.Newest() : SnapshotName.parseSelection(text, which);
        return new ResumeSource(
                matcher.group("source"),
                selection,
                Optional.ofNullable(matcher.group("under")),
                Optional.ofNullable(matcher.group("pattern")));
    }

    /** The newest complete of what has this id, all of it. */
    public static ResumeSource ofId(String id) {
        return new ResumeSource(id, new Selection.Newest(), Optional.empty(), Optional.empty());
    }

    /** Returns the message, to which patterns for all inputs may be added. */
    public ResumeInput.Builder toProto() {
        ResumeInput.Builder input = ResumeInput.newBuilder().setSource(source);
        under.ifPresent(input::setUnder);
        pattern.ifPresent(input::addInclude);
        switch (selection) {
            case Selection.Newest() -> {}
            case Selection.Numbered(long number) -> input.setNumber(number);
            case Selection.Label(String label) -> input.setLabel(label);
            case Selection.At(Instant time) ->
                input.setAt(
                        Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()));
        }
        return input;
    }
}
