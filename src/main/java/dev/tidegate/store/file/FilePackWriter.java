package dev.tidegate.store.file;

import dev.tidegate.content.StoredChunk;
import dev.tidegate.store.PackFormat;
import dev.tidegate.store.PackId;
import dev.tidegate.store.PackWriter;
import dev.tidegate.store.RecordChecksums;
import dev.tidegate.store.RecordLocation;
import dev.tidegate.store.StoreException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Appends to one file.
 *
 * <p>Records are gathered in one direct buffer. Chunks on the heap are copied into it, as the JDK would do in a buffer
 * of its own; a large chunk outside of the heap is written from where it is, together with what was gathered.
 *
 * <p>A commit is fdatasync: it flushes the file's bytes and its size, without which they could not be read, and leaves
 * the times. The file's other metadata and its directory entry were flushed when it was created.
 */
final class FilePackWriter implements PackWriter {

    private static final Logger LOG = System.getLogger(FilePackWriter.class.getName());

    /** Below this a copy is cheaper than a buffer more in the system call. */
    private static final int COPIED = 64 << 10;

    private enum State {
        OPEN,
        SEALED,
        DEAD,
        CLOSED
    }

    private final PackId pack;
    private final Path path;
    private final FileChannel channel;
    private final SpaceReserve space;
    private final WriteBuffers buffers;
    private final Runnable remove;
    private final ByteBuffer gathered;
    private final RecordChecksums checksums = new RecordChecksums();
    private long length = PackFormat.HEADER_LENGTH;
    private long committed = PackFormat.HEADER_LENGTH;
    private State state = State.OPEN;
    private boolean flushFailed;
    private boolean released;
    private @Nullable Throwable failure;

    /**
     * Goes on where the header ends.
     *
     * @param channel owned by the writer from here on, at the end of the header, which is on the disk
     * @param remove deletes the pack
     */
    FilePackWriter(
            PackId pack, Path path, FileChannel channel, SpaceReserve space, WriteBuffers buffers, Runnable remove) {
        this.pack = pack;
        this.path = path;
        this.channel = channel;
        this.space = space;
        this.buffers = buffers;
        this.remove = remove;
        this.gathered = buffers.take();
    }

    @Override
    public PackId pack() {
        return pack;
    }

    @Override
    public boolean isFinished() {
        return state == State.SEALED;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public RecordLocation append(StoredChunk chunk) {
        requireAlive();
        if (state == State.SEALED) {
            throw new IllegalStateException("pack " + pack + " is sealed");
        }
        RecordLocation location = new RecordLocation(pack, length, chunk.storedLength());
        attempt(() -> {
            space.claim(PackFormat.RECORD_HEADER_LENGTH + chunk.storedLength());
            if (gathered.remaining() < PackFormat.RECORD_HEADER_LENGTH) {
                write();
            }
            checksums.add(PackFormat.putRecordHeader(gathered, pack, length, chunk));
            put(chunk.stored().duplicate());
            length += PackFormat.RECORD_HEADER_LENGTH + chunk.storedLength();
        });
        return location;
    }

    @Override
    public void commit() {
        requireAlive();
        if (committed < length) {
            attempt(() -> {
                write();
                flush();
                committed = length;
            });
        }
    }

    @Override
    public void seal() {
        requireAlive();
        if (state == State.SEALED) {
            return;
        }
        attempt(() -> {
            space.claim(PackFormat.TRAILER_LENGTH);
            if (gathered.remaining() < PackFormat.TRAILER_LENGTH) {
                write();
            }
            PackFormat.putTrailer(gathered, pack, checksums.trailer(length));
            write();
            flush();
            length += PackFormat.TRAILER_LENGTH;
            committed = length;
        });
        state = State.SEALED;
        release();
    }

    @Override
    public void close() {
        if (state == State.CLOSED) {
            return;
        }
        State last = state;
        state = State.CLOSED;
        release();
        if (last != State.SEALED && committed == PackFormat.HEADER_LENGTH) {
            removeEmpty();
        } else if (last == State.OPEN && committed < length) {
            giveBackTail();
        }
    }

    /** Moves the bytes into the file or the buffer, whichever copies less. */
    private void put(ByteBuffer stored) throws IOException {
        if (stored.isDirect() && stored.remaining() >= COPIED) {
            gathered.flip();
            ByteBuffer[] both = {gathered, stored};
            while (stored.hasRemaining()) {
                channel.write(both);
            }
            gathered.clear();
            return;
        }
        while (stored.remaining() > gathered.remaining()) {
            int room = gathered.remaining();
            gathered.put(gathered.position(), stored, stored.position(), room);
            gathered.position(gathered.limit());
            stored.position(stored.position() + room);
            write();
        }
        gathered.put(stored);
    }

    private void write() throws IOException {
        gathered.flip();
        while (gathered.hasRemaining()) {
            channel.write(gathered);
        }
        gathered.clear();
    }

    private void flush() throws IOException {
        flushFailed = true;
        channel.force(false);
        flushFailed = false;
    }

    /**
     * Whatever is thrown in {@code action}, an error included, is the end of this writer: part of a record may be gathered or
     * in the file, and what came behind it would not stand where the index says.
     */
    private void attempt(Directories.Action action) {
        // Until it has gone well, so that a second failure on the way out leaves nothing open.
        state = State.DEAD;
        try {
            action.run();
        } catch (IOException cause) {
            StoreException meaning = space.failure("writing pack " + pack, gathered.capacity(), cause);
            die(meaning);
            throw meaning;
        } catch (RuntimeException | Error cause) {
            die(cause);
            throw cause;
        }
        state = State.OPEN;
    }

    private void die(Throwable cause) {
        failure = cause;
        release();
        // After a failed flush nobody knows what the disk has. Nothing more is written to that file.
        if (!flushFailed) {
            giveBackTail();
        }
    }

    private void requireAlive() {
        if (state == State.DEAD) {
            throw new StoreException.Unavailable("the writer of pack " + pack + " has failed before", failure);
        }
        if (state == State.CLOSED) {
            throw new IllegalStateException("the writer of pack " + pack + " is closed");
        }
    }

    private void release() {
        if (released) {
            return;
        }
        released = true;
        buffers.giveBack(gathered);
        try {
            channel.close();
        } catch (IOException nothingToLose) {
            LOG.log(Level.DEBUG, "closing pack " + pack + " failed", nothingToLose);
        }
    }

    /** Cuts off what was never committed, so that a full disk gets its space back. */
    private void giveBackTail() {
        try {
            Directories.uninterrupted(() -> {
                try (FileChannel tail = FileChannel.open(path, StandardOpenOption.WRITE)) {
                    tail.truncate(committed);
                    tail.force(true);
                }
            });
        } catch (IOException unchanged) {
            // The tail stays: records that no index names, until the pack is compacted.
            LOG.log(Level.WARNING, "pack " + pack + " keeps bytes that were not committed", unchanged);
        }
    }

    private void removeEmpty() {
        try {
            remove.run();
        } catch (StoreException unchanged) {
            LOG.log(Level.WARNING, "pack " + pack + " was abandoned empty and stays", unchanged);
        }
    }
}
