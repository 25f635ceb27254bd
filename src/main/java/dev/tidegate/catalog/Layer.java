package dev.tidegate.catalog;

import dev.tidegate.content.Digest;

/**
 * What one writer has in a snapshot.
 *
 * @param writer its rank
 * @param root of its tree
 */
public record Layer(int writer, Digest root) {}
