package dev.tidegate.files;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import java.util.Optional;

/**
 * A file, a directory or a link as whoever keeps a file of stamps last left it.
 *
 * @param path where it stood
 * @param stamp as it was then; of type {@code FILE}, {@code DIRECTORY} or {@code LINK}
 * @param settled whether a file that has this stamp still is sure to be unchanged
 * @param content the bytes of a file; empty for anything else
 */
public record KnownFile(TreePath path, FileStamp stamp, boolean settled, Content content) {

    /**
     * Checks the type.
     *
     * @throws IllegalArgumentException if a file of stamps cannot hold it
     */
    public KnownFile {
        boolean fits =
                switch (stamp.type()) {
                    case FILE -> true;
                    case DIRECTORY, LINK -> content instanceof Content.Empty;
                    case OTHER -> false;
                };
        if (!fits) {
            throw new IllegalArgumentException(path + " is " + stamp.type() + " with " + content);
        }
    }

    /** The entry of a file in a manifest. */
    public Entry.RegularFile entry() {
        return new Entry.RegularFile(stamp.size(), stamp.mode(), stamp.mtime(), content);
    }

    /** Whether a file with this stamp need not be read. */
    public boolean stillDescribes(FileStamp now) {
        return settled && stamp.sameFile(now) && stamp.mode() == now.mode();
    }

    /** What has to be present for the content to be; empty for a file without bytes. */
    public Optional<ChunkReference> reference() {
        return switch (content) {
            case Content.Empty() -> Optional.empty();
            case Content.SingleChunk(var digest) -> Optional.of(new ChunkReference(digest, ChunkKind.DATA));
            case Content.ChunkTree(var root) -> Optional.of(new ChunkReference(root, ChunkKind.FILE_NODE));
        };
    }
}
