package dev.tidegate.agent;

import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.StampReader;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;

/**
 * What other writers have in the artifact and was brought here, so that the job finds it. As long as nobody changes it, it is
 * theirs: this writer's layer leaves it out, so that a copy that grows old never hides what they make of it. Asked in step
 * with a walk; for one thread.
 */
final class Foreign implements AutoCloseable {

    private final StampReader brought;

    /** Reads what was brought, which is closed with this. */
    Foreign(StampReader brought) {
        this.brought = brought;
    }

    /** Tells whether what stands at {@code path} is another writer's still; each call asks for a later path. */
    boolean holds(TreePath path, FileStamp stamp) {
        KnownFile known = brought.find(path);
        return known != null && known.stamp().equals(comparable(stamp));
    }

    /** What is kept of something that was brought. The times of a directory change with what is in it. */
    static KnownFile brought(TreePath path, FileStamp stamp) {
        return Observed.of(path, comparable(stamp));
    }

    private static FileStamp comparable(FileStamp stamp) {
        return switch (stamp.type()) {
            case FILE, LINK, OTHER ->
                new FileStamp(
                        FileStamp.Type.FILE, stamp.size(), stamp.mode(), stamp.mtime(), stamp.ctime(), stamp.inode());
            case DIRECTORY -> new FileStamp(FileStamp.Type.FILE, 0, stamp.mode(), Timestamp.EPOCH, Timestamp.EPOCH, 0);
        };
    }

    @Override
    public void close() {
        brought.close();
    }
}
