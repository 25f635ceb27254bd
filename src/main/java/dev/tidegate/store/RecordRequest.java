package dev.tidegate.store;

import dev.tidegate.content.Digest;

/**
 * Asks for a record, as the chunk index knows it.
 *
 * @param location where it stands
 * @param digest which chunk it must hold
 */
public record RecordRequest(RecordLocation location, Digest digest) {}
