package dev.tidegate.files;

import dev.tidegate.content.Digest;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreePath;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of stamps in step with a walk, which comes in the same order. Holds one block. From the first damage on it
 * knows of nothing. For one thread.
 */
public final class StampReader implements AutoCloseable {

    /** What a reader of nothing says of its stamps. */
    public static final Digest NOTHING_SAID = new Digest(0, 0, 0, 0);

    private static final byte[] NO_PATH = {};

    private final @Nullable InputStream input;
    private final Optional<Digest> root;
    private final Digest fingerprint;
    private ByteBuffer block = ByteBuffer.allocate(0);
    private byte[] previous = NO_PATH;
    private @Nullable KnownFile next;
    private boolean ended;
    private boolean damaged;

    private StampReader(@Nullable InputStream input, Optional<Digest> root, Digest fingerprint, boolean damaged) {
        this.input = input;
        this.root = root;
        this.fingerprint = fingerprint;
        this.ended = input == null;
        this.damaged = damaged;
        advance();
    }

    /** Knows of nothing. */
    public static StampReader none() {
        return none(false);
    }

    private static StampReader none(boolean damaged) {
        return new StampReader(null, Optional.empty(), NOTHING_SAID, damaged);
    }

    /**
     * Opens a file of stamps; one of nothing if there is none, or none that can be used, such as a link.
     *
     * @param identity whose stamps are expected
     */
    public static StampReader open(Path file, Digest identity) {
        InputStream input = null;
        try {
            input = OwnFile.open(file);
            ByteBuffer header = ByteBuffer.wrap(input.readNBytes(StampFormat.HEADER_BYTES));
            if (header.remaining() == StampFormat.HEADER_BYTES) {
                int checked = StampFormat.HEADER_BYTES - Integer.BYTES;
                byte[] expected = Arrays.copyOf(StampFormat.MAGIC, StampFormat.MAGIC.length + Digest.BYTES);
                identity.write(expected, StampFormat.MAGIC.length);
                if (Arrays.equals(expected, 0, expected.length, header.array(), 0, expected.length)
                        && header.getInt(checked)
                                == StampWriter.checksum(header.duplicate().limit(checked))) {
                    return new StampReader(
                            input,
                            Optional.of(Digest.read(header.array(), expected.length)),
                            Digest.read(header.array(), expected.length + Digest.BYTES),
                            false);
                }
            }
            input.close();
        } catch (NoSuchFileException none) {
            return none();
        } catch (IOException unreadable) {
            close(input);
        }
        return none(true);
    }

    /** The root of the tree that the stamps describe, if there is one. */
    public Optional<Digest> root() {
        return root;
    }

    /** What the writer said of the stamps besides, such as what its walk found. */
    public Digest fingerprint() {
        return fingerprint;
    }

    /** Whether there is something that cannot be used, as far as it was read: more may have been known. */
    public boolean isDamaged() {
        return damaged;
    }

    /** Returns what is known of {@code path}; each call asks for a later one than the call before. */
    public @Nullable KnownFile find(TreePath path) {
        while (next != null) {
            int order = next.path().compareTo(path);
            if (order > 0) {
                return null;
            }
            KnownFile known = next;
            advance();
            if (order == 0) {
                return known;
            }
        }
        return null;
    }

    /** The next record, which stays the next; null at the end. */
    public @Nullable KnownFile peek() {
        return next;
    }

    /** Returns the next record and goes on; null at the end. */
    public @Nullable KnownFile next() {
        KnownFile known = next;
        if (known != null) {
            advance();
        }
        return known;
    }

    @Override
    public void close() {
        ended = true;
        next = null;
        close(input);
    }

    private void advance() {
        next = null;
        try {
            if (!ended && !block.hasRemaining()) {
                readBlock();
            }
            if (!ended) {
                KnownFile file = StampFormat.read(block, previous);
                previous = file.path().toUtf8();
                next = file;
            }
        } catch (IOException
                | BufferUnderflowException
                | ArithmeticException
                | IllegalArgumentException
                | ManifestException unusable) {
            ended = true;
            damaged = true;
        }
    }

    private void readBlock() throws IOException {
        if (input == null) {
            throw new IllegalStateException("a reader without input has ended");
        }
        DataInputStream data = new DataInputStream(input);
        int length = data.readInt();
        int checksum = data.readInt();
        if (length <= 0 || length > StampFormat.BLOCK_BYTES + StampFormat.MAX_RECORD_BYTES) {
            ended = true;
            damaged = length != 0;
            return;
        }
        ByteBuffer read = ByteBuffer.wrap(data.readNBytes(length));
        if (read.remaining() < length || StampWriter.checksum(read.duplicate()) != checksum) {
            ended = true;
            damaged = true;
            return;
        }
        block = read;
        previous = NO_PATH;
    }

    private static void close(@Nullable InputStream input) {
        if (input != null) {
            try {
                input.close();
            } catch (IOException unread) {
                // Nothing was written to it.
            }
        }
    }
}
