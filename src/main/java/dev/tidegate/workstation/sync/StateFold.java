package dev.tidegate.workstation.sync;

import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.StampJournal;
import dev.tidegate.files.StampJournal.Note;
import dev.tidegate.files.StampReader;
import dev.tidegate.files.StampWriter;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.Durability;
import dev.tidegate.materialise.SecureTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Takes a journal into the stamps that are known: after every sync, and before one if the last was killed. The journal is
 * sorted in runs of bounded length, which are merged. What the journal says is put there is flushed to disk before the stamps
 * say so.
 */
final class StateFold {

    private static final Comparator<Note> BY_PATH =
            Comparator.comparing(note -> note.file().path());

    /** Up to so many files are flushed one by one; more with the whole file system. */
    private static final int FLUSHED_ALONE = 64;

    private final LocalState state;
    private final SecureTree tree;
    private final boolean trusted;
    private final int runLength;

    /**
     * Prepares.
     *
     * @param trusted whether what the journal says was put into place is there with its bytes: not after a power cut
     */
    StateFold(LocalState state, SecureTree tree, boolean trusted) {
        this(state, tree, trusted, 65_536);
    }

    StateFold(LocalState state, SecureTree tree, boolean trusted, int runLength) {
        this.state = state;
        this.tree = tree;
        this.trusted = trusted;
        this.runLength = runLength;
    }

    /** Takes the journal in, if there is one, and deletes it. */
    void fold() throws IOException {
        if (!Files.exists(state.journal(), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        flushPlaced();
        List<Path> runs = sort();
        if (runs.isEmpty()) {
            Files.delete(state.journal());
            return;
        }
        PriorityQueue<Cursor> cursors = new PriorityQueue<>();
        try {
            for (Path run : runs) {
                Cursor cursor = new Cursor(cursors.size(), StampJournal.read(run));
                if (cursor.notes.hasNext()) {
                    cursors.add(cursor);
                }
            }
            try (StampReader known = state.known();
                    StampWriter writer = state.newKnown()) {
                merge(known, cursors, writer);
                writer.publish(StampReader.NOTHING_SAID, StampReader.NOTHING_SAID, true);
            }
        } finally {
            for (Cursor cursor : cursors) {
                cursor.notes.close();
            }
            for (Path run : runs) {
                Files.deleteIfExists(run);
            }
        }
        state.flush();
        Files.delete(state.journal());
    }

    private void merge(StampReader known, PriorityQueue<Cursor> cursors, StampWriter writer) throws IOException {
        while (!cursors.isEmpty()) {
            TreePath path = cursors.element().path();
            for (KnownFile next = known.peek(); next != null && next.path().compareTo(path) < 0; next = known.peek()) {
                writer.add(next);
                known.next();
            }
            KnownFile result = known.find(path);
            @Nullable KnownFile intended = null;
            while (!cursors.isEmpty() && cursors.element().path().equals(path)) {
                Note note = next(cursors);
                switch (note.kind()) {
                    case INTENDED -> intended = note.file();
                    case STANDS -> {
                        result = note.file();
                        intended = null;
                    }
                    case GONE -> {
                        result = null;
                        intended = null;
                    }
                }
            }
            KnownFile placed = intended == null ? null : placed(intended);
            result = placed == null ? result : placed;
            if (result != null) {
                writer.add(trusted ? result : new KnownFile(path, result.stamp(), false, result.content()));
            }
        }
        for (KnownFile rest = known.next(); rest != null; rest = known.next()) {
            writer.add(rest);
        }
    }

    /** What was about to be put at a path, as it stands there; null if it was not. */
    private @Nullable KnownFile placed(KnownFile intended) throws IOException {
        FileStamp now = tree.standing(intended.path());
        return now != null && Stamps.isWhatWasStaged(intended.stamp(), now)
                ? new KnownFile(intended.path(), now, Stamps.settled(now), intended.content())
                : null;
    }

    private static Note next(PriorityQueue<Cursor> cursors) throws IOException {
        Cursor cursor = cursors.remove();
        Note note = cursor.notes.next();
        if (cursor.notes.hasNext()) {
            cursors.add(cursor);
        } else {
            cursor.notes.close();
        }
        return note;
    }

    private List<Path> sort() throws IOException {
        List<Path> runs = new ArrayList<>();
        List<Note> run = new ArrayList<>();
        try (StampJournal.Reader notes = StampJournal.read(state.journal())) {
            while (notes.hasNext()) {
                run.add(notes.next());
                if (run.size() == runLength || !notes.hasNext()) {
                    // Stable: of one path, the order in which they were noted stays.
                    run.sort(BY_PATH);
                    Path file = state.scratch("run-" + runs.size());
                    runs.add(file);
                    try (StampJournal sorted = StampJournal.create(file)) {
                        for (Note note : run) {
                            sorted.add(note.kind(), note.file());
                        }
                    }
                    run.clear();
                }
            }
        }
        return runs;
    }

    private void flushPlaced() throws IOException {
        int count = 0;
        try (StampJournal.Reader notes = StampJournal.read(state.journal())) {
            for (; notes.hasNext() && count <= FLUSHED_ALONE; count++) {
                notes.next();
            }
        }
        if (count > FLUSHED_ALONE && Durability.flushFileSystem(tree.root())) {
            return;
        }
        try (StampJournal.Reader notes = StampJournal.read(state.journal())) {
            @Nullable TreePath last = null;
            while (notes.hasNext()) {
                TreePath path = notes.next().file().path();
                if (!path.equals(last)) {
                    flush(path);
                }
                last = path;
            }
        }
    }

    /** A file's bytes, and its name in its directory. What is not there any more needs no flush. */
    private void flush(TreePath path) throws IOException {
        FileStamp standing = tree.standing(path);
        if (standing != null && standing.type() == FileStamp.Type.FILE && (standing.mode() & 0400) != 0) {
            Durability.flush(tree.path(path));
        }
        TreePath parent = path.parent();
        FileStamp above = parent == null ? FileStamp.read(tree.root()) : tree.standing(parent);
        if (above != null && above.type() == FileStamp.Type.DIRECTORY) {
            Durability.flush(parent == null ? tree.root() : tree.path(parent));
        }
    }

    /** A run that is being read. */
    private record Cursor(int run, StampJournal.Reader notes) implements Comparable<Cursor> {

        TreePath path() {
            Note next = notes.peek();
            if (next == null) {
                throw new IllegalStateException("a run that has ended is not asked");
            }
            return next.file().path();
        }

        @Override
        public int compareTo(Cursor other) {
            int order = path().compareTo(other.path());
            return order == 0 ? Integer.compare(run, other.run) : order;
        }
    }
}
