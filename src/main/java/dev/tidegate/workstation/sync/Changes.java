package dev.tidegate.workstation.sync;

import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.StampJournal;
import dev.tidegate.files.StampReader;
import dev.tidegate.files.StampWriter;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.ContentPipeline;
import dev.tidegate.materialise.FileModes;
import dev.tidegate.materialise.SecureTree;
import dev.tidegate.workstation.sync.Decision.Displaced;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The second walk of a sync: it makes directories and links, has files written, and lists what is to be removed and which
 * directories get permissions with which nothing could be put into them; {@link #complete} does both when all files stand at
 * their places. So files that are to be removed are there as sources until then.
 *
 * <p>What is put into place is noted in the journal before and after. A directory that has to give way to a file does so at
 * once, a file when the new one is whole.
 */
final class Changes implements SyncWalk.Visitor, AutoCloseable {

    private static final String REMOVALS = "removals";
    private static final String MODES = "modes";

    private final SecureTree tree;
    private final LocalState state;
    private final Decisions decisions;
    private final ContentReader contents;
    private final ContentPipeline pipeline;
    private final LocalFiles local;
    private final StampJournal journal;
    private final SyncCounts counts;
    private final SetAside setAside;
    private final Consumer<TreePath> edited;
    private final PathFilter filter;
    private final boolean keepDeleted;
    private final StampWriter removals;
    private final StampWriter modes;

    Changes(
            SecureTree tree,
            LocalState state,
            Decisions decisions,
            ContentReader contents,
            ContentPipeline pipeline,
            LocalFiles local,
            StampJournal journal,
            SyncCounts counts,
            SetAside setAside,
            Consumer<TreePath> edited,
            PathFilter filter,
            boolean keepDeleted)
            throws IOException {
        this.tree = tree;
        this.state = state;
        this.decisions = decisions;
        this.contents = contents;
        this.pipeline = pipeline;
        this.local = local;
        this.journal = journal;
        this.counts = counts;
        this.setAside = setAside;
        this.edited = edited;
        this.filter = filter;
        this.keepDeleted = keepDeleted;
        this.removals = state.newList(REMOVALS);
        this.modes = state.newList(MODES);
    }

    @Override
    public void wanted(Wanted wanted, @Nullable KnownFile known, @Nullable FileStamp standing) throws IOException {
        Timestamp moment = Timestamp.of(Instant.now());
        Decision decision = decisions.decide(wanted, known, standing);
        if (known != null && !known.path().equals(wanted.path())) {
            // What becomes of it is noted under its new name.
            stands(wanted.path(), known.stamp(), known.settled(), known.content());
        }
        switch (wanted.entry()) {
            case Entry.Directory(int mode) -> directory(wanted, mode, decision, standing);
            case Entry.RegularFile file -> file(wanted.path(), file, decision, known, standing, moment);
            case Entry.SymbolicLink link -> link(wanted.path(), link, decision, standing, moment);
        }
    }

    @Override
    public void unwanted(KnownFile known, @Nullable FileStamp standing) throws IOException {
        if (standing == null) {
            forget(known.path());
        } else if (keepDeleted) {
            counts.filesKeptDeleted.addAndGet(known.stamp().type() == FileStamp.Type.DIRECTORY ? 0 : 1);
        } else {
            removals.add(known);
        }
    }

    /** Removes what is to be removed, and gives directories their last permissions. */
    void complete() throws IOException {
        removals.publish(StampReader.NOTHING_SAID, StampReader.NOTHING_SAID);
        modes.publish(StampReader.NOTHING_SAID, StampReader.NOTHING_SAID);
        DeepestFirst emptied = new DeepestFirst(this::removeDirectory);
        try (StampReader known = state.list(REMOVALS)) {
            for (KnownFile next = known.next(); next != null; next = known.next()) {
                emptied.reach(next.path());
                if (next.stamp().type() == FileStamp.Type.DIRECTORY) {
                    emptied.enter(next);
                } else {
                    remove(next);
                }
            }
            emptied.reach(null);
        }
        DeepestFirst permitted = new DeepestFirst(directory ->
                tree.setDirectoryMode(directory.path(), directory.stamp().mode()));
        try (StampReader known = state.list(MODES)) {
            for (KnownFile next = known.next(); next != null; next = known.next()) {
                permitted.enter(next);
            }
            permitted.reach(null);
        }
        state.delete(REMOVALS);
        state.delete(MODES);
    }

    @Override
    public void close() throws IOException {
        removals.close();
        modes.close();
    }

    private void directory(Wanted wanted, int mode, Decision decision, @Nullable FileStamp standing)
            throws IOException {
        TreePath path = wanted.path();
        int permissions = wanted.implied() ? FileModes.KEPT & ~tree.mask() : FileModes.ofDirectory(mode);
        switch (decision.action()) {
            case MAKE_DIRECTORY -> {
                displace(path, decision.displaced());
                SecureTree.Staged staged = tree.stageDirectory();
                journal.add(
                        StampJournal.Kind.INTENDED, new KnownFile(path, staged.stamp(), true, Content.Empty.INSTANCE));
                tree.place(staged, path);
                counts.directoriesMade.incrementAndGet();
                setMode(path, permissions);
            }
            case SET_DIRECTORY_MODE -> setMode(path, permissions);
            default -> {
                if (standing != null && (standing.mode() & FileModes.OWNER) != FileModes.OWNER) {
                    setMode(path, Decisions.permissions(standing.mode()));
                }
            }
        }
    }

    /** Sets permissions, or sets such as are needed to put something into the directory and those later. */
    private void setMode(TreePath path, int mode) throws IOException {
        tree.setDirectoryMode(path, mode | FileModes.OWNER);
        if ((mode & FileModes.OWNER) != FileModes.OWNER) {
            FileStamp later = new FileStamp(FileStamp.Type.DIRECTORY, 0, mode, Timestamp.EPOCH, Timestamp.EPOCH, 0);
            modes.add(new KnownFile(path, later, false, Content.Empty.INSTANCE));
        }
    }

    private void file(
            TreePath path,
            Entry.RegularFile file,
            Decision decision,
            @Nullable KnownFile known,
            @Nullable FileStamp standing,
            Timestamp moment)
            throws IOException {
        switch (decision.action()) {
            case KEEP -> kept(file);
            case ADOPT -> {
                kept(file);
                if (standing != null) {
                    stands(path, standing, standing.settledAt(moment), file.content());
                    if (standing.mtime().equals(file.mtime())
                            && Decisions.permissions(standing.mode()) == Decisions.permissions(file.mode())) {
                        return;
                    }
                }
                setAttributes(path, file);
            }
            case SET_ATTRIBUTES -> {
                kept(file);
                setAttributes(path, file);
            }
            default -> write(path, file, decision, known, standing);
        }
    }

    private void kept(Entry.RegularFile file) {
        counts.filesKept.incrementAndGet();
        counts.bytesKept.addAndGet(file.size());
    }

    private void setAttributes(TreePath path, Entry.RegularFile file) throws IOException {
        try {
            tree.setAttributes(path, file.mode(), file.mtime());
        } catch (AccessDeniedException notReadable) {
            // Its owner may not open it: a new one takes its place.
            write(path, file, Decision.of(Decision.Action.WRITE), null, null);
            return;
        }
        FileStamp now = tree.standing(path);
        if (now != null && now.type() == FileStamp.Type.FILE && now.size() == file.size()) {
            stands(path, now, Stamps.settled(now), file.content());
        }
    }

    private void write(
            TreePath path,
            Entry.RegularFile file,
            Decision decision,
            @Nullable KnownFile known,
            @Nullable FileStamp standing)
            throws IOException {
        FileStamp replaceable = decision.displaced() == Displaced.OURS ? standing : null;
        if (standing != null && standing.type() == FileStamp.Type.DIRECTORY) {
            displaceDirectory(path, decision.displaced());
            replaceable = null;
        } else if (known != null && replaceable != null && known.stamp().type() == FileStamp.Type.FILE) {
            local.add(known);
        }
        FileStamp expected = replaceable;
        pipeline.add(
                file,
                contents.chunks(file),
                staged -> place(path, staged, expected, file.content(), FileStamp.Type.FILE));
    }

    private void link(
            TreePath path, Entry.SymbolicLink link, Decision decision, @Nullable FileStamp standing, Timestamp moment)
            throws IOException {
        switch (decision.action()) {
            case KEEP -> {}
            case ADOPT -> {
                if (standing != null) {
                    stands(path, standing, standing.settledAt(moment), Content.Empty.INSTANCE);
                }
            }
            default -> {
                FileStamp expected = decision.displaced() == Displaced.OURS ? standing : null;
                if (standing != null && standing.type() == FileStamp.Type.DIRECTORY) {
                    displaceDirectory(path, decision.displaced());
                    expected = null;
                }
                place(
                        path,
                        tree.stageLink(Decisions.text(path, link)),
                        expected,
                        Content.Empty.INSTANCE,
                        FileStamp.Type.LINK);
                counts.linksMade.incrementAndGet();
            }
        }
    }

    /** Puts a file or a link at its place; what stands there and is not what was expected is kept under another name. */
    private void place(
            TreePath path, SecureTree.Staged staged, @Nullable FileStamp expected, Content content, FileStamp.Type type)
            throws IOException {
        FileStamp standing = tree.stands(path) ? tree.standing(path) : null;
        if (standing != null && (expected == null || !Stamps.same(standing, expected))) {
            setAside.keep(path);
        }
        FileStamp stamp = staged.stamp();
        journal.add(StampJournal.Kind.INTENDED, new KnownFile(path, stamp, true, content));
        tree.place(staged, path);
        FileStamp placed = tree.standing(path);
        if (placed != null && placed.type() == type && Stamps.isWhatWasStaged(stamp, placed)) {
            stands(path, placed, type == FileStamp.Type.LINK || Stamps.settled(placed), content);
        }
    }

    private void stands(TreePath path, FileStamp stamp, boolean settled, Content content) throws IOException {
        journal.add(StampJournal.Kind.STANDS, new KnownFile(path, stamp, settled, content));
    }

    private void forget(TreePath path) throws IOException {
        journal.add(StampJournal.Kind.GONE, Stamps.gone(path));
    }

    private void displace(TreePath path, Displaced displaced) throws IOException {
        switch (displaced) {
            case NOTHING -> {}
            case OURS -> tree.takeAway(path);
            case THEIRS -> setAside.keep(path);
        }
    }

    /**
     * A directory gets its other name also if all in it is ours: to find that out may have taken long, and nobody puts anything
     * into it by the name that it had any more.
     */
    private void displaceDirectory(TreePath path, Displaced displaced) throws IOException {
        if (displaced != Displaced.OURS) {
            displace(path, displaced);
            return;
        }
        TreePath aside = setAside.move(path);
        if (decisions.isStillOurs(path, aside)) {
            tree.takeAway(aside);
        } else {
            setAside.tell(path, aside);
        }
    }

    private void remove(KnownFile known) throws IOException {
        TreePath path = known.path();
        FileStamp standing = tree.standing(path);
        if (standing != null && decisions.unchanged(known, standing)) {
            try {
                inWritable(path.parent(), () -> tree.deleteFile(path));
                counts.filesRemoved.incrementAndGet();
            } catch (NoSuchFileException gone) {
                // Somebody was faster.
            } catch (NotDirectoryException moved) {
                // A link stands in the place of a directory above it.
                edited.accept(path);
            }
        } else if (standing != null) {
            edited.accept(path);
        }
        forget(path);
    }

    private interface Removal {
        void run() throws IOException;
    }

    /** Removes something from a directory, also if its owner may not write to it. */
    private void inWritable(@Nullable TreePath directory, Removal removal) throws IOException {
        try {
            removal.run();
        } catch (AccessDeniedException notWritable) {
            FileStamp standing = directory == null ? null : tree.standing(directory);
            if (directory == null || standing == null || standing.type() != FileStamp.Type.DIRECTORY) {
                throw notWritable;
            }
            int mode = Decisions.permissions(standing.mode());
            tree.setDirectoryMode(directory, mode | FileModes.OWNER);
            try {
                removal.run();
            } finally {
                tree.setDirectoryMode(directory, mode);
            }
        }
    }

    private void removeDirectory(KnownFile known) throws IOException {
        TreePath path = known.path();
        FileStamp standing = tree.standing(path);
        if (standing != null
                && standing.type() == FileStamp.Type.DIRECTORY
                && standing.inode() == known.stamp().inode()) {
            try {
                inWritable(path.parent(), () -> tree.deleteDirectory(path));
                counts.directoriesRemoved.incrementAndGet();
            } catch (DirectoryNotEmptyException holdsSomethingElse) {
                // What somebody else has put there stays, and so does its directory; what was left out is ours still.
                if (!filter.isAll()) {
                    return;
                }
            } catch (NoSuchFileException | NotDirectoryException gone) {
                // Somebody was faster.
            }
        }
        forget(path);
    }
}
