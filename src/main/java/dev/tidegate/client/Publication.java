package dev.tidegate.client;

import java.util.List;
import java.util.Optional;

/**
 * What a push is published with, besides its root.
 *
 * @param labels names for the snapshot; the gateway has at most 16
 * @param cut the cut that the layer belongs to; without one the snapshot is made at once
 * @param notes what is to be known of the layer: at most {@link #MAX_NOTES}, of 512 KiB in all
 * @param notesOmitted how many more notes there were
 */
public record Publication(List<String> labels, Optional<Cut> cut, List<Note> notes, long notesOmitted) {

    /** The most notes. */
    public static final int MAX_NOTES = 1000;

    /** Without anything. */
    public static final Publication PLAIN = new Publication(List.of(), Optional.empty(), List.of(), 0);

    /** Copies the lists. */
    public Publication {
        labels = List.copyOf(labels);
        notes = List.copyOf(notes);
    }

    /** The same with these labels. */
    public Publication withLabels(List<String> names) {
        return new Publication(names, cut, notes, notesOmitted);
    }

    /** The same in this cut. */
    public Publication withCut(Optional<Cut> moment) {
        return new Publication(labels, moment, notes, notesOmitted);
    }

    /** The same with these notes. */
    public Publication withNotes(List<Note> known, long omitted) {
        return new Publication(labels, cut, known, omitted);
    }
}
