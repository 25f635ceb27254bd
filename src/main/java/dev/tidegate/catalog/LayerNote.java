package dev.tidegate.catalog;

/**
 * A note on a layer of a snapshot.
 *
 * @param writer whose layer
 * @param note what is to be known
 */
public record LayerNote(int writer, Note note) {}
