package dev.tidegate.agent;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.ScannedDirectory;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** What the scan hands to the builder of the tree, in the order of the paths. */
sealed interface Step {

    /** A directory or a link. */
    record Listed(TreePath path, Entry entry) implements Step {}

    /**
     * What the last push found and the snapshot keeps, although something else may be there now.
     *
     * @param known what this machine remembers of it, if it is a file
     */
    record Kept(TreePath path, Entry entry, @Nullable KnownFile known) implements Step {}

    /** A file as the last push left it, whose content is present. */
    record Unchanged(KnownFile known) implements Step {}

    /**
     * A file as the last push left it, of whose content the gateway is being asked.
     *
     * @param present whether it is
     */
    record Asked(FoundFile file, KnownFile known, Future<Boolean> present) implements Step {}

    /**
     * A file that is small enough to be read ahead.
     *
     * @param reading ends when it has been read
     */
    record ReadAhead(FoundFile file, Future<SmallFile> reading) implements Step {}

    /** A file that the builder reads itself. */
    record ToRead(FoundFile file) implements Step {}

    /** Nothing follows. */
    record End() implements Step {}

    /**
     * The scan ended early.
     *
     * @param cause why
     */
    record Failed(Throwable cause) implements Step {}

    /**
     * A regular file.
     *
     * @param path in the tree
     * @param file on disk
     * @param sighting as the scan found it
     * @param known as the last push left it, if it did
     * @param parent the directory that it is in
     * @param unit what it is taken with, if it is not by itself
     */
    record FoundFile(
            TreePath path,
            Path file,
            Sighting sighting,
            @Nullable KnownFile known,
            ScannedDirectory parent,
            @Nullable Unit unit) {

        /** What the scan found. */
        FileStamp stamp() {
            return sighting.stamp();
        }
    }

    /** A chunk that is held in memory. */
    record HeldChunk(Digest digest, ByteBuffer bytes) {}

    /** A file that was read whole into memory. */
    final class SmallFile implements StableReader.Target {
        private final List<HeldChunk> chunks = new ArrayList<>();
        private StableReader.Outcome outcome = new StableReader.Outcome.Vanished();

        /** Reads the file once. */
        StableReader.Outcome read(StableReader reader, Path file, Sighting found) {
            outcome = reader.readOnce(file, found, this);
            return outcome;
        }

        /** Reads the file twice, whoever writes to it. */
        void readTwice(StableReader reader, Path file, int most) {
            outcome = reader.readTwice(file, most, this);
        }

        /** Takes bytes that have been read. */
        void hold(StableReader reader, byte[] bytes, FileStamp stamp, boolean settled) {
            outcome = reader.cut(bytes, stamp, settled, this);
        }

        StableReader.Outcome outcome() {
            return outcome;
        }

        List<HeldChunk> chunks() {
            return chunks;
        }

        @Override
        public void restart() {
            chunks.clear();
        }

        @Override
        public void add(Digest digest, ByteBuffer bytes, Runnable release) {
            chunks.add(new HeldChunk(digest, bytes));
        }
    }
}
