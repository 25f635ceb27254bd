package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;

/** Some consecutive chunks of a file. */
final class FileLeaf extends FileNode {

    FileLeaf(Digest[] chunks, long[] lengths, long totalLength, boolean endsAtBoundary) {
        super(chunks, lengths, totalLength, endsAtBoundary);
    }

    @Override
    public int level() {
        return 0;
    }

    @Override
    ChunkKind childKind() {
        return ChunkKind.DATA;
    }
}
