package dev.tidegate.workstation.sync;

import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;

/** What stamps tell of files that a sync puts into place. */
final class Stamps {

    private static final long MARGIN_NANOS = 100_000_000;

    /** File systems without fractions of seconds. */
    private static final long COARSE_MARGIN_NANOS = 2_000_000_000;

    private Stamps() {}

    /**
     * Whether a file that was put into place with this stamp and has it still is sure to be unchanged. Writing to it sets
     * its time of modification to what the clock says: that must be another than the one that it was given.
     */
    static boolean settled(FileStamp placed) {
        long seconds = placed.ctime().seconds() - placed.mtime().seconds();
        if (seconds > 10 || seconds < -10) {
            return true;
        }
        long nanos = seconds * 1_000_000_000L
                + placed.ctime().nanos()
                - placed.mtime().nanos();
        return Math.abs(nanos) > (placed.ctime().nanos() == 0 ? COARSE_MARGIN_NANOS : MARGIN_NANOS);
    }

    /** Whether what stands somewhere is what was staged: renaming changes the change time alone. */
    static boolean isWhatWasStaged(FileStamp staged, FileStamp now) {
        if (staged.type() != now.type() || staged.inode() != now.inode()) {
            return false;
        }
        return staged.type() == FileStamp.Type.DIRECTORY
                || (staged.size() == now.size() && staged.mtime().equals(now.mtime()));
    }

    /** Whether two stamps are of one file, nobody having written to it between them. */
    static boolean same(FileStamp one, FileStamp other) {
        return one.sameFile(other) && one.mode() == other.mode();
    }

    /** What stands for something that is known of no more. */
    static KnownFile gone(TreePath path) {
        FileStamp none = new FileStamp(FileStamp.Type.FILE, 0, 0, Timestamp.EPOCH, Timestamp.EPOCH, 0);
        return new KnownFile(path, none, false, Content.Empty.INSTANCE);
    }
}
