package dev.tidegate.gateway.merge;

import dev.tidegate.catalog.ArtifactType;
import dev.tidegate.manifest.MergeWarning;
import java.util.List;
import java.util.Optional;

/**
 * What is to be known of a resume.
 *
 * @param kind lower-case letters, digits and {@code _}: {@code docs/resume.md} lists them
 * @param type the artifact that it is about; empty if it is about the request
 * @param path in the new artifact, or empty
 * @param message a sentence
 */
public record ResumeWarning(String kind, Optional<ArtifactType> type, String path, String message) {

    /** Returns the warning that a merge of inputs has given. */
    static ResumeWarning of(ArtifactType type, List<ResolvedInput> inputs, MergeWarning warning) {
        return switch (warning) {
            case MergeWarning.NamesAlike(var path, var other) ->
                new ResumeWarning(
                        "names_alike",
                        Optional.of(type),
                        path.toString(),
                        path + " and " + other
                                + " differ only in case or Unicode form: on some file systems they are one");
            case MergeWarning.NamesNotCompared(var directory) ->
                new ResumeWarning(
                        "names_not_compared",
                        Optional.of(type),
                        directory == null ? "" : directory.toString(),
                        (directory == null ? "the root" : directory.toString())
                                + " has too many names from different inputs: not all were compared for case and"
                                + " Unicode form");
            case MergeWarning.LinkDangles(var path, var link) ->
                new ResumeWarning(
                        "link_dangles",
                        Optional.of(type),
                        path.toString(),
                        "the link " + path + " leads to nothing in the new artifact: " + link.target());
            case MergeWarning.LinkRedirected(var path, var link) ->
                new ResumeWarning(
                        "link_redirected",
                        Optional.of(type),
                        path.toString(),
                        "the link " + path + " leads to what another input has at its target, and not to what its own"
                                + " has there: " + link.target());
            case MergeWarning.LinksNotFollowed(var path) ->
                new ResumeWarning(
                        "links_not_followed",
                        Optional.of(type),
                        path.toString(),
                        "there are too many links to follow: " + path + " and those after it were not looked at");
            case MergeWarning.InputEmpty(int input) ->
                new ResumeWarning(
                        "input_empty",
                        Optional.of(type),
                        "",
                        "nothing of " + inputs.get(input).snapshot().id() + " is taken: it is empty, or its patterns"
                                + " leave nothing");
        };
    }
}
