package dev.tidegate.agent;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.ScannedDirectory;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Iterator;
import java.util.Optional;

/** Walks a directory that is taken as a whole, to know what is in it at one moment. */
final class UnitWalk implements TreeScanner.Visitor {

    /**
     * What was found.
     *
     * @param fingerprint of the walk
     * @param changed when something in it was last written to, added or taken away, by the clock of the file system
     */
    record Found(Digest fingerprint, Instant changed) {}

    private final Fingerprint fingerprint = new Fingerprint();
    private final boolean asPublished;
    private Instant changed = Instant.MIN;
    private boolean whole = true;
    private boolean empty = true;

    private UnitWalk(boolean asPublished) {
        this.asPublished = asPublished;
    }

    /**
     * Walks.
     *
     * @param parent the directory that it is in
     * @return empty if it is gone, was moved away meanwhile, or something in it cannot be read
     */
    static Optional<Found> walk(TreeScanner scanner, TreePath path, Path directory, ScannedDirectory parent)
            throws IOException {
        return walk(new UnitWalk(false), scanner, path, directory, parent);
    }

    /** Tells whether what stands there is what {@code published} lists, as far as a manifest can say without its content. */
    static boolean finds(
            Iterator<PathEntry> published, TreeScanner scanner, TreePath path, Path directory, ScannedDirectory parent)
            throws IOException {
        if (!published.hasNext()) {
            return false;
        }
        Fingerprint expected = new Fingerprint();
        while (published.hasNext()) {
            PathEntry entry = published.next();
            switch (entry.entry()) {
                case Entry.RegularFile file ->
                    expected.file(entry.path(), asPublished(file.size(), file.mode(), file.mtime()));
                case Entry.Directory(int mode) -> expected.directory(entry.path(), mode);
                case Entry.SymbolicLink link -> expected.link(entry.path(), link);
            }
        }
        return walk(new UnitWalk(true), scanner, path, directory, parent)
                .filter(found -> found.fingerprint().equals(expected.digest()))
                .isPresent();
    }

    private static Optional<Found> walk(
            UnitWalk walk, TreeScanner scanner, TreePath path, Path directory, ScannedDirectory parent)
            throws IOException {
        scanner.walk(path, directory, parent, walk);
        return walk.whole && !walk.empty
                ? Optional.of(new Found(walk.fingerprint.digest(), walk.changed))
                : Optional.empty();
    }

    private static FileStamp asPublished(long size, int mode, Timestamp mtime) {
        return new FileStamp(FileStamp.Type.FILE, size, mode, mtime, Timestamp.EPOCH, 0);
    }

    @Override
    public void found(TreePath path, Path file, FileStamp stamp, ScannedDirectory parent) {
        empty = false;
        if (stamp.type() == FileStamp.Type.DIRECTORY) {
            fingerprint.directory(path, stamp.mode());
        } else {
            fingerprint.file(path, asPublished ? asPublished(stamp.size(), stamp.mode(), stamp.mtime()) : stamp);
        }
        changedAt(stamp.mtime());
    }

    @Override
    public void link(TreePath path, Path file, FileStamp stamp, Entry.SymbolicLink link) {
        fingerprint.link(path, link);
    }

    @Override
    public void omitted(String path, TreeScanner.Omission omission, String detail) {}

    @Override
    public void unreadable(TreePath path, String detail) {
        whole = false;
    }

    @Override
    public void left(ScannedDirectory directory) {
        whole &= directory.stands();
    }

    private void changedAt(Timestamp time) {
        Instant instant = time.toInstant();
        changed = instant.isAfter(changed) ? instant : changed;
    }
}
