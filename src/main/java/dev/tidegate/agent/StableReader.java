package dev.tidegate.agent;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.content.Chunk;
import dev.tidegate.content.ChunkReader;
import dev.tidegate.content.Chunker;
import dev.tidegate.content.Digest;
import dev.tidegate.content.Slabs;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.MappedFiles;
import dev.tidegate.files.PageCache;
import dev.tidegate.files.Positional;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.ContentChunk;
import dev.tidegate.manifest.Timestamp;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/**
 * Reads files as chunks and tells whether they stayed the same meanwhile. Holds one buffer of four chunks; for one thread.
 */
final class StableReader {

    /** How often a file is read that changes while it is read. */
    static final int ATTEMPTS = 3;

    /** From this size on a file does not stay in the page cache: 64 KiB. */
    private static final int LARGE = 64 << 10;

    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

    /** Takes the chunks of a file. */
    interface Target {
        /** Starts from nothing: what was added before belongs to an attempt that failed. */
        void restart();

        /**
         * Takes the next chunk.
         *
         * @param bytes stay as they are until {@code release} is run, once; or for ever, where the reader copies
         */
        void add(Digest digest, ByteBuffer bytes, Runnable release);
    }

    /** How the reading of a file ended. */
    sealed interface Outcome {
        /**
         * It was read whole.
         *
         * @param stamp as it was before, while and after it was read; of a file that is only appended to, as it was before
         * @param settled whether a file that has this stamp later is sure to be the same
         */
        record Read(FileStamp stamp, boolean settled) implements Outcome {}

        /** It is gone, or no regular file any more. */
        record Vanished() implements Outcome {}

        /**
         * It changed in the only attempt, or in every one.
         *
         * @param now what it is after that
         */
        record Changed(Sighting now) implements Outcome {}

        /**
         * It cannot be read.
         *
         * @param detail why
         */
        record Unreadable(String detail) implements Outcome {}
    }

    private final ChunkReader reader;
    private final boolean copying;
    private final MappedFiles mapped;
    private final boolean appendOnly;
    private final LongConsumer bytesRead;

    /**
     * Cuts by {@code chunker}, and copies each chunk; tells {@code bytesRead} of each chunk's length.
     *
     * @param mapped tells which files may change without their stamps telling
     * @param appendOnly whether a file that grows while it is read is the same up to the size that it had
     */
    StableReader(Chunker chunker, MappedFiles mapped, boolean appendOnly, LongConsumer bytesRead) {
        this(new ChunkReader(chunker), true, mapped, appendOnly, bytesRead);
    }

    /** As the other, but leaves the chunks where they are in {@code slabs}, until they are released. */
    StableReader(Chunker chunker, Slabs slabs, MappedFiles mapped, boolean appendOnly, LongConsumer bytesRead) {
        this(new ChunkReader(chunker, slabs), false, mapped, appendOnly, bytesRead);
    }

    private StableReader(
            ChunkReader reader, boolean copying, MappedFiles mapped, boolean appendOnly, LongConsumer bytesRead) {
        this.reader = reader;
        this.copying = copying;
        this.mapped = mapped;
        this.appendOnly = appendOnly;
        this.bytesRead = bytesRead;
    }

    /**
     * Reads a file, up to {@value #ATTEMPTS} times if it changes, each time once a write would change its stamp.
     *
     * @throws CallInterruptedException if the thread was interrupted, which says nothing of the file
     */
    Outcome read(Path file, Sighting found, Target target) {
        Outcome outcome = new Outcome.Changed(found);
        for (int attempt = 1; attempt <= ATTEMPTS && outcome instanceof Outcome.Changed(Sighting now); attempt++) {
            if (!appendOnly) {
                now.await();
            }
            outcome = readOnce(file, now, target);
        }
        return outcome;
    }

    /**
     * Reads a file.
     *
     * @param found so long ago that a write changes its stamp, unless it is only appended to
     * @throws CallInterruptedException if the thread was interrupted, which says nothing of the file
     */
    Outcome readOnce(Path file, Sighting found, Target target) {
        FileStamp before = found.stamp();
        try {
            Timestamp moment = Timestamp.of(Instant.now());
            boolean mayChangeUnseen = mapped.mayChangeUnseen(before);
            target.restart();
            long length = cutWhole(file, before.size(), target);
            Sighting now = Sighting.of(file);
            FileStamp after = now.stamp();
            if (length == before.size() && same(before, after)) {
                return new Outcome.Read(before, after.sameFile(before) && after.settledAt(moment) && !mayChangeUnseen);
            }
            return after.type() == FileStamp.Type.FILE ? new Outcome.Changed(now) : new Outcome.Vanished();
        } catch (NoSuchFileException gone) {
            return new Outcome.Vanished();
        } catch (ClosedByInterruptException interrupted) {
            throw new CallInterruptedException("reading was interrupted");
        } catch (IOException failed) {
            return unreadable(failed);
        }
    }

    /**
     * Reads a file that nobody leaves alone, such as one that is appended to every few milliseconds: twice, up to the size that it
     * has now. If both readings are the same, all of it stood there at the moment between them, unless something was changed
     * and changed back.
     *
     * @param most how many bytes it may have
     * @throws CallInterruptedException if the thread was interrupted, which says nothing of the file
     */
    Outcome readTwice(Path file, int most, Target target) {
        target.restart();
        try {
            FileStamp before = FileStamp.read(file);
            int size = (int) Math.min(before.size(), most);
            ByteBuffer first = ByteBuffer.allocate(size);
            ByteBuffer second = ByteBuffer.allocate(size);
            boolean whole;
            try (FileChannel channel = FileChannel.open(file, READ)) {
                whole = Positional.read(channel, first, 0) && Positional.read(channel, second, 0);
            }
            bytesRead.accept(size);
            Sighting now = Sighting.of(file);
            if (now.stamp().type() != FileStamp.Type.FILE) {
                return new Outcome.Vanished();
            }
            return whole
                            && size == before.size()
                            && now.stamp().inode() == before.inode()
                            && Arrays.equals(first.array(), second.array())
                    ? cut(first.array(), before, false, target)
                    : new Outcome.Changed(now);
        } catch (NoSuchFileException gone) {
            return new Outcome.Vanished();
        } catch (ClosedByInterruptException interrupted) {
            throw new CallInterruptedException("reading was interrupted");
        } catch (IOException failed) {
            return unreadable(failed);
        }
    }

    private static Outcome unreadable(IOException failed) {
        return new Outcome.Unreadable(
                failed instanceof FileSystemException named
                        ? TreeScanner.reason(named)
                        : Objects.requireNonNullElse(
                                failed.getMessage(), failed.getClass().getSimpleName()));
    }

    /**
     * Reads what was appended to a file, from its last chunk on, which may go on now.
     *
     * @param last the last chunk of the file as it was; it is read again to see whether it is the same
     * @param target takes the chunks from there on; it is not restarted
     * @return empty if the file is not what it was, or changes otherwise: it has to be read from the beginning
     */
    Optional<Outcome> readAppended(Path file, FileStamp found, ContentChunk last, Target target) {
        Timestamp moment = Timestamp.of(Instant.now());
        boolean mayChangeUnseen = mapped.mayChangeUnseen(found);
        try (FileChannel channel = FileChannel.open(file, READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(last.length());
            var _ = Positional.read(channel, bytes, last.offset());
            bytesRead.accept(bytes.position());
            if (!Digest.of(bytes.flip()).equals(last.digest())) {
                return Optional.empty();
            }
            channel.position(last.offset());
            long end = last.offset() + cut(file, channel, last.offset(), found.size(), target);
            FileStamp after = FileStamp.read(file);
            return end == found.size() && same(found, after)
                    ? Optional.of(new Outcome.Read(
                            found, after.sameFile(found) && after.settledAt(moment) && !mayChangeUnseen))
                    : Optional.empty();
        } catch (IOException unreadable) {
            // Reading it whole says why.
            return Optional.empty();
        }
    }

    /** Cuts bytes that were read as a whole from a file. */
    Outcome cut(byte[] bytes, FileStamp stamp, boolean settled, Target target) {
        target.restart();
        try {
            reader.open(new ByteArrayInputStream(bytes), 0);
            takeAll(bytes.length, target, length -> {});
        } catch (IOException impossible) {
            throw new UncheckedIOException("an array can be read", impossible);
        }
        return new Outcome.Read(stamp, settled);
    }

    private boolean same(FileStamp before, FileStamp after) {
        return appendOnly
                ? after.type() == before.type() && after.inode() == before.inode() && after.size() >= before.size()
                : after.sameFile(before) && after.mode() == before.mode();
    }

    private long cutWhole(Path file, long size, Target target) throws IOException {
        try (FileChannel channel = FileChannel.open(file, READ)) {
            return cut(file, channel, 0, size, target);
        }
    }

    /** Cuts from where the channel is, at {@code offset}, and returns how many bytes there were. */
    private long cut(Path file, FileChannel channel, long offset, long size, Target target) throws IOException {
        reader.open(appendOnly ? new UpTo(channel, size) : channel, offset);
        if (size - offset < LARGE) {
            return takeAll(size - offset, target, length -> {});
        }
        try (PageCache cache = PageCache.reading(file, offset)) {
            return takeAll(size - offset, target, cache::read);
        }
    }

    private long takeAll(long size, Target target, IntConsumer read) throws IOException {
        long length = 0;
        // A file that grows as fast as it is read has no end.
        for (Chunk chunk = reader.next(); chunk != null && length <= size; chunk = reader.next()) {
            length += chunk.length();
            bytesRead.accept(chunk.length());
            read.accept(chunk.length());
            if (copying) {
                byte[] bytes = new byte[chunk.length()];
                chunk.bytes().get(0, bytes);
                target.add(chunk.digest(), ByteBuffer.wrap(bytes), () -> {});
            } else {
                target.add(chunk.digest(), chunk.bytes(), reader.keep()::release);
            }
        }
        return length;
    }

    /** A file of which nothing is read from {@code size} on. */
    private record UpTo(FileChannel channel, long size) implements ReadableByteChannel {
        @Override
        public int read(ByteBuffer target) throws IOException {
            long left = size - channel.position();
            if (left <= 0) {
                return -1;
            }
            int limit = target.limit();
            target.limit((int) Math.min(limit, target.position() + left));
            try {
                return channel.read(target);
            } finally {
                target.limit(limit);
            }
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
