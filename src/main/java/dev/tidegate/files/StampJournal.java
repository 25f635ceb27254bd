package dev.tidegate.files;

import dev.tidegate.manifest.ManifestException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A file to which stamps are appended one at a time, in no order, so that what was noted is there when the process is killed.
 *
 * <pre>
 * record  length of what follows the checksum (4 bytes), CRC-32C of it (4 bytes), kind (1 byte), a record of {@link StampFormat}
 * </pre>
 *
 * Numbers are big-endian. What a killed process has written of a record ends the journal. Several threads may add.
 */
public final class StampJournal implements AutoCloseable {

    /** What a record says. */
    public enum Kind {
        /** This is about to be put at its path: if it stands there, it was. Its change time says nothing. */
        INTENDED(1),
        /** This stands at its path. */
        STANDS(2),
        /** Nothing of what was known stands at the path any more. */
        GONE(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    /**
     * A record.
     *
     * @param kind what it says
     * @param file of what; of {@link Kind#GONE} the path alone counts
     */
    public record Note(Kind kind, KnownFile file) {}

    private static final byte[] NO_PATH = {};
    private static final int HEADER_BYTES = 8;

    private final OutputStream output;
    private final ByteBuffer buffer = ByteBuffer.allocate(HEADER_BYTES + 1 + StampFormat.MAX_RECORD_BYTES);
    private long count;
    private boolean torn;

    StampJournal(OutputStream output) {
        this.output = output;
    }

    /** Begins a journal; what stood there is gone, a link and not what it leads to. An interrupt does not close the stream. */
    public static StampJournal create(Path file) throws IOException {
        Files.deleteIfExists(file);
        return new StampJournal(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /**
     * Adds a record, which outlives this process from now on.
     *
     * @throws IOException if it cannot be written; no more is taken then, as nobody would read what stands behind half a record
     */
    public synchronized void add(Kind kind, KnownFile file) throws IOException {
        if (torn) {
            throw new IOException("the journal has half a record at its end");
        }
        buffer.clear().position(HEADER_BYTES);
        buffer.put((byte) kind.code);
        StampFormat.write(buffer, NO_PATH, file.path().toUtf8(), file);
        buffer.flip();
        buffer.putInt(0, buffer.limit() - HEADER_BYTES);
        buffer.putInt(4, StampWriter.checksum(buffer.duplicate().position(HEADER_BYTES)));
        torn = true;
        output.write(buffer.array(), 0, buffer.limit());
        torn = false;
        count++;
    }

    /** How many records were added. */
    public synchronized long count() {
        return count;
    }

    @Override
    public synchronized void close() throws IOException {
        output.close();
    }

    /** Reads a journal; one without records if there is none, or a link. */
    public static Reader read(Path file) throws IOException {
        try {
            return new Reader(new DataInputStream(new BufferedInputStream(OwnFile.open(file), 64 << 10)));
        } catch (NoSuchFileException | OwnFile.IsLinkException none) {
            return new Reader(null);
        }
    }

    /** The records in the order in which they were added, up to the first damage. For one thread. */
    public static final class Reader implements Iterator<Note>, AutoCloseable {

        private final @Nullable DataInputStream input;
        private @Nullable Note next;

        private Reader(@Nullable DataInputStream input) {
            this.input = input;
            advance();
        }

        /** The next record, which stays the next; null at the end. */
        public @Nullable Note peek() {
            return next;
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Note next() {
            Note note = next;
            if (note == null) {
                throw new NoSuchElementException();
            }
            advance();
            return note;
        }

        @Override
        public void close() throws IOException {
            next = null;
            if (input != null) {
                input.close();
            }
        }

        private void advance() {
            next = null;
            if (input == null) {
                return;
            }
            try {
                int length = input.readInt();
                int checksum = input.readInt();
                if (length <= 0 || length > 1 + StampFormat.MAX_RECORD_BYTES) {
                    return;
                }
                ByteBuffer bytes = ByteBuffer.wrap(input.readNBytes(length));
                if (bytes.remaining() == length && StampWriter.checksum(bytes.duplicate()) == checksum) {
                    next = decode(bytes);
                }
            } catch (IOException
                    | BufferUnderflowException
                    | ArithmeticException
                    | IllegalArgumentException
                    | ManifestException damaged) {
                next = null;
            }
        }

        private static @Nullable Note decode(ByteBuffer bytes) {
            int code = bytes.get();
            for (Kind kind : Kind.values()) {
                if (kind.code == code) {
                    return new Note(kind, StampFormat.read(bytes, NO_PATH));
                }
            }
            return null;
        }
    }
}
