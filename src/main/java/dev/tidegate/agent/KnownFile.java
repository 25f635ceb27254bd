package dev.tidegate.agent;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import java.util.Optional;

/**
 * A file as the last push left it.
 *
 * @param path where it stood
 * @param stamp as it was when the file was read
 * @param settled whether a file that has this stamp still is sure to be unchanged
 * @param content its bytes
 */
record KnownFile(TreePath path, FileStamp stamp, boolean settled, Content content) {

    /** What stands for a directory that was observed as a whole. */
    static KnownFile observed(TreePath directory, Digest fingerprint) {
        FileStamp none = new FileStamp(FileStamp.Type.FILE, 0, 0, Timestamp.EPOCH, Timestamp.EPOCH, 0);
        return new KnownFile(directory, none, false, new Content.SingleChunk(fingerprint));
    }

    /** What stands for a file that was observed and not read. */
    static KnownFile observed(TreePath path, FileStamp stamp) {
        return new KnownFile(path, stamp, false, Content.Empty.INSTANCE);
    }

    /** Its entry in a manifest. */
    Entry.RegularFile entry() {
        return new Entry.RegularFile(stamp.size(), stamp.mode(), stamp.mtime(), content);
    }

    /** Whether a file with this stamp need not be read. */
    boolean stillDescribes(FileStamp now) {
        return settled && stamp.sameFile(now) && stamp.mode() == now.mode();
    }

    /** What has to be present for the content to be; empty for a file without bytes. */
    Optional<ChunkReference> reference() {
        return switch (content) {
            case Content.Empty() -> Optional.empty();
            case Content.SingleChunk(var digest) -> Optional.of(new ChunkReference(digest, ChunkKind.DATA));
            case Content.ChunkTree(var root) -> Optional.of(new ChunkReference(root, ChunkKind.FILE_NODE));
        };
    }
}
