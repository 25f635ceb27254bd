package dev.tidegate.agent;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;

/** What is remembered of something that a walk found and did not read. */
final class Observed {

    private Observed() {}

    /** What stands for a directory that was observed as a whole. */
    static KnownFile of(TreePath directory, Digest fingerprint) {
        FileStamp none = new FileStamp(FileStamp.Type.FILE, 0, 0, Timestamp.EPOCH, Timestamp.EPOCH, 0);
        return new KnownFile(directory, none, false, new Content.SingleChunk(fingerprint));
    }

    /** What stands for a file. */
    static KnownFile of(TreePath path, FileStamp stamp) {
        return new KnownFile(path, stamp, false, Content.Empty.INSTANCE);
    }
}
