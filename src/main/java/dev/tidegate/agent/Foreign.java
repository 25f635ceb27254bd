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
 *
 * <p>What cannot be read of it would pass for this writer's own: nothing is published of a walk after which it is damaged.
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
        return known != null && comparable(known.stamp()).equals(comparable(stamp));
    }

    /** Whether something of it cannot be read, as far as it was asked. */
    boolean isDamaged() {
        return brought.isDamaged();
    }

    /** Whether it was ever told what was brought, and all of that can be read. Nothing else is asked afterwards. */
    boolean isKnown() {
        KnownFile each = brought.next();
        while (each != null) {
            each = brought.next();
        }
        return brought.root().isPresent() && !brought.isDamaged();
    }

    /** What is kept of something that was brought. */
    static KnownFile brought(TreePath path, FileStamp stamp) {
        return Observed.of(path, comparable(stamp));
    }

    /**
     * The times of a directory change with what is in it. Where a file system numbers its files anew each time it is mounted,
     * the time of a file's last change, which nobody can set, still tells that it is the one that was brought.
     */
    private static FileStamp comparable(FileStamp stamp) {
        return switch (stamp.type()) {
            case FILE, LINK, OTHER ->
                new FileStamp(FileStamp.Type.FILE, stamp.size(), stamp.mode(), stamp.mtime(), stamp.ctime(), 0);
            case DIRECTORY -> new FileStamp(FileStamp.Type.FILE, 0, stamp.mode(), Timestamp.EPOCH, Timestamp.EPOCH, 0);
        };
    }

    @Override
    public void close() {
        brought.close();
    }
}
