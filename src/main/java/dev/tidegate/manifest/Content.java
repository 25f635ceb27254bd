package dev.tidegate.manifest;

import dev.tidegate.content.Digest;
import java.util.Optional;

/**
 * Where the bytes of a regular file are. One file has exactly one form: nothing, one chunk, or a tree of two chunks or
 * more.
 */
public sealed interface Content {

    /** The digest of the one chunk, or of the root of the chunk tree; empty where there are no bytes. */
    default Optional<Digest> identity() {
        return switch (this) {
            case Empty() -> Optional.empty();
            case SingleChunk(Digest only) -> Optional.of(only);
            case ChunkTree(Digest root) -> Optional.of(root);
        };
    }

    /** No bytes at all. */
    record Empty() implements Content {
        /** The only value that there is. */
        public static final Empty INSTANCE = new Empty();
    }

    /**
     * All bytes in one chunk.
     *
     * @param digest of the chunk, whose length is the file's size
     */
    record SingleChunk(Digest digest) implements Content {}

    /**
     * Two chunks or more.
     *
     * @param root the digest of the root of the chunk tree, a {@link dev.tidegate.content.ChunkKind#FILE_NODE}
     */
    record ChunkTree(Digest root) implements Content {}
}
