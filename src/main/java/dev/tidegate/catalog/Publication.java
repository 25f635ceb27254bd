package dev.tidegate.catalog;

import dev.tidegate.catalog.CatalogException.InvalidArgument;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.TreeRoot;
import java.util.List;
import java.util.Optional;

/**
 * What a push is published as.
 *
 * @param tree the writer's layer
 * @param labels names for the snapshot: at most {@link Labels#MAX_LABELS}, each 1 to 100 letters, digits, {@code .}, {@code _}
 *     or {@code -}, not all digits
 * @param cut the cut that the layer belongs to; without one the snapshot is made at once
 * @param notes what is to be known of the layer: at most {@link #MAX_NOTES}, of {@link #MAX_NOTE_BYTES} in all
 * @param notesOmitted how many more notes there were
 * @param request SHA-256 of all this but the tree, as it was asked for: what tells a repeated request from another one
 */
public record Publication(
        TreeRoot tree, List<String> labels, Optional<Cut> cut, List<Note> notes, long notesOmitted, Digest request) {

    /** The most notes. */
    public static final int MAX_NOTES = 1000;

    /** The most bytes of all notes together. */
    public static final int MAX_NOTE_BYTES = 512 << 10;

    /**
     * Checks the bounds; sorts the labels, each once.
     *
     * @throws InvalidArgument if one is broken
     */
    public Publication {
        labels = labels.stream().distinct().sorted().toList();
        notes = List.copyOf(notes);
        Labels.check("labels", labels);
        int bytes = notes.stream().mapToInt(Note::bytes).sum();
        if (notes.size() > MAX_NOTES || bytes > MAX_NOTE_BYTES) {
            throw new InvalidArgument(
                    "notes",
                    "a layer has at most " + MAX_NOTES + " notes of " + MAX_NOTE_BYTES + " bytes in all, these are "
                            + notes.size() + " of " + bytes + ": leave some out and count them in notes_omitted");
        }
        if (notesOmitted < 0) {
            throw new InvalidArgument("notes_omitted", "the notes omitted are at most 2^63 - 1");
        }
    }
}
