package dev.tidegate.content;

/**
 * A chunk that another one resembles, and how the two lie beside each other.
 *
 * @param digest of the base
 * @param shift where in the base the other chunk's first byte would stand, in bytes: its byte <i>i</i> is likely to be the
 *     base's byte <i>i</i> + {@code shift}. Below 0 where it begins before the base does
 */
public record DeltaBase(Digest digest, int shift) {}
