package dev.tidegate.manifest;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;

/** Some consecutive nodes of the level below. */
final class FileBranch extends FileNode {

    private final int level;

    FileBranch(int level, Digest[] children, long[] lengths, long totalLength, boolean endsAtBoundary) {
        super(children, lengths, totalLength, endsAtBoundary);
        this.level = level;
    }

    @Override
    public int level() {
        return level;
    }

    @Override
    ChunkKind childKind() {
        return ChunkKind.FILE_NODE;
    }
}
