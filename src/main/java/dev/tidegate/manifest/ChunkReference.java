package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;

/**
 * A chunk as a node names it: the digest together with what it must be.
 *
 * @param digest the SHA-256 of the plaintext
 * @param kind what the plaintext must be: {@link ChunkKind#DATA} for bytes of a file, else a node
 */
public record ChunkReference(Digest digest, ChunkKind kind) {}
