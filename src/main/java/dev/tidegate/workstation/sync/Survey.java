package dev.tidegate.workstation.sync;

import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.StampJournal;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.materialise.SecureTree;
import dev.tidegate.materialise.Zeros;
import dev.tidegate.workstation.sync.Decision.Displaced;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first walk of a sync: what there is to do, how much space it needs, and which local edits are in the way. It changes
 * nothing, but notes in the journal which files have the right content already, so that they are read once.
 */
final class Survey implements SyncWalk.Visitor {

    /** In files from this size on, zeros are looked for where there is little space. */
    private static final long LARGE = 16L << 20;

    /** The most files in which they are. */
    private static final int MAX_LARGE = 1 << 16;

    private final SecureTree tree;
    private final Decisions decisions;
    private final StampJournal journal;
    private final SyncCounts counts;
    private final boolean keepDeleted;
    private final PathList edits = new PathList();
    private final NewNames newNames = new NewNames();
    private long neededBytes;
    private final List<Large> large = new ArrayList<>();
    private long newBytes;
    private boolean anythingToDo;

    /** A file that is to be put into place, and how many bytes of it. */
    private record Large(Entry.RegularFile file, long needed) {}

    Survey(SecureTree tree, Decisions decisions, StampJournal journal, SyncCounts counts, boolean keepDeleted) {
        this.tree = tree;
        this.decisions = decisions;
        this.journal = journal;
        this.counts = counts;
        this.keepDeleted = keepDeleted;
    }

    /** Paths where somebody else has changed something that has to give way. */
    Listing edits() {
        return edits.listing();
    }

    /**
     * The sizes of the files that are to be put into place, less what an earlier sync has left of them. If that is more than there
     * is, the zeros that large files are known to hold do not count: which chunks they have is read for that.
     */
    long neededBytes(ContentReader contents, long usable) {
        Zeros zeros = new Zeros();
        for (Large each : large) {
            if (neededBytes <= usable) {
                break;
            }
            neededBytes -= Math.min(each.needed, zeros(each.file, contents, zeros));
        }
        large.clear();
        return neededBytes;
    }

    private static long zeros(Entry.RegularFile file, ContentReader contents, Zeros zeros) {
        try {
            return zeros.count(contents.chunks(file));
        } catch (ManifestException corrupt) {
            // Whoever brings the file will say so.
            return 0;
        }
    }

    /** The sizes of those that replace no file. */
    long newBytes() {
        return newBytes;
    }

    /** The names of those. */
    NewNames newNames() {
        return newNames;
    }

    /** Whether a second walk has anything to do. */
    boolean anythingToDo() {
        return anythingToDo;
    }

    @Override
    public void wanted(Wanted wanted, @Nullable KnownFile known, @Nullable FileStamp standing) throws IOException {
        Timestamp moment = Timestamp.of(Instant.now());
        Decision decision = decisions.decide(wanted, known, standing);
        if (wanted.entry() instanceof Entry.RegularFile file) {
            counts.filesTotal.incrementAndGet();
            counts.bytesTotal.addAndGet(file.size());
        }
        if (decision.displaced() == Displaced.THEIRS) {
            edits.add(wanted.path().toString());
        }
        switch (decision.action()) {
            case KEEP -> kept(wanted);
            case ADOPT -> adopt(wanted, known, standing, moment);
            case WRITE -> write(wanted, known, standing, decision);
            case SET_ATTRIBUTES, MAKE_DIRECTORY, SET_DIRECTORY_MODE, MAKE_LINK -> anythingToDo = true;
        }
    }

    @Override
    public void unwanted(KnownFile known, @Nullable FileStamp standing) throws IOException {
        if (standing == null || !keepDeleted) {
            anythingToDo = true;
        } else if (known.stamp().type() != FileStamp.Type.DIRECTORY) {
            counts.filesKeptDeleted.incrementAndGet();
        }
        if (standing != null
                && !keepDeleted
                && known.stamp().type() != FileStamp.Type.DIRECTORY
                && !decisions.unchanged(known, standing)) {
            edits.add(known.path().toString());
        }
    }

    private void kept(Wanted wanted) {
        if (wanted.entry() instanceof Entry.RegularFile file) {
            counts.filesKept.incrementAndGet();
            counts.bytesKept.addAndGet(file.size());
        }
    }

    private void adopt(Wanted wanted, @Nullable KnownFile known, @Nullable FileStamp standing, Timestamp moment)
            throws IOException {
        anythingToDo = true;
        Content content = wanted.entry() instanceof Entry.RegularFile file ? file.content() : Content.Empty.INSTANCE;
        boolean noted = standing == null
                || (known != null
                        && known.stillDescribes(standing)
                        && known.content().equals(content));
        if (standing != null && !noted) {
            counts.filesAdopted.incrementAndGet();
            journal.add(
                    StampJournal.Kind.STANDS,
                    new KnownFile(wanted.path(), standing, standing.settledAt(moment), content));
        }
    }

    private void write(Wanted wanted, @Nullable KnownFile known, @Nullable FileStamp standing, Decision decision)
            throws IOException {
        anythingToDo = true;
        if (wanted.entry() instanceof Entry.RegularFile file) {
            long needed = file.size() - tree.keepPart(file);
            neededBytes += needed;
            if (needed >= LARGE && large.size() < MAX_LARGE) {
                large.add(new Large(file, needed));
            }
            if (decision.displaced() != Displaced.OURS) {
                newBytes += file.size();
                newNames.add(wanted.path());
            }
        }
        if (decision.displaced() == Displaced.THEIRS
                && known != null
                && standing != null
                && known.stillDescribes(standing)) {
            // Its bytes were read and are others, whatever its stamp says.
            journal.add(StampJournal.Kind.GONE, Stamps.gone(wanted.path()));
        }
    }
}
