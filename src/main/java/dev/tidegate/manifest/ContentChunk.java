package dev.tidegate.manifest;

import dev.tidegate.content.Digest;

/**
 * A chunk of a file, with its place.
 *
 * @param digest of the chunk's plaintext
 * @param length of the chunk in bytes
 * @param offset of its first byte from the file's first byte
 */
public record ContentChunk(Digest digest, int length, long offset) {}
