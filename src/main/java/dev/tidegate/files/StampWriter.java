package dev.tidegate.files;

import dev.tidegate.content.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file of stamps beside the old one and puts it in its place when it is complete. One that can be done without is
 * given up at the first failure. For one thread.
 */
public final class StampWriter implements AutoCloseable {

    private static final byte[] NO_PATH = {};

    private final @Nullable Path target;
    private final @Nullable Path temporary;
    private final @Nullable FileChannel channel;
    private final Digest identity;
    private final boolean optional;
    private @Nullable IOException failure;
    private boolean published;
    private final ByteBuffer block = ByteBuffer.allocate(
            StampFormat.BLOCK_HEADER_BYTES + StampFormat.BLOCK_BYTES + StampFormat.MAX_RECORD_BYTES);
    private byte[] previous = NO_PATH;

    private StampWriter(
            @Nullable Path target,
            @Nullable Path temporary,
            @Nullable FileChannel channel,
            Digest identity,
            boolean optional) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
        this.identity = identity;
        this.optional = optional;
        block.position(StampFormat.BLOCK_HEADER_BYTES);
    }

    /**
     * Begins.
     *
     * @param target what stands there stays until {@link #publish}
     * @param identity whose stamps these are
     */
    public static StampWriter create(Path target, Digest identity) throws IOException {
        Path temporary = temporary(target);
        return new StampWriter(target, temporary, open(temporary), identity, false);
    }

    /**
     * Begins a file that can be done without. Once it cannot be written nothing more is kept, {@link #failure} tells why, and
     * there is no file: what stood at {@code target} is not what was to stand there.
     *
     * @param identity whose stamps these are
     * @throws IOException if what stood there cannot be removed; so do all other methods
     */
    public static StampWriter createOptional(Path target, Digest identity) throws IOException {
        Path temporary = temporary(target);
        try {
            return new StampWriter(target, temporary, open(temporary), identity, true);
        } catch (IOException failed) {
            StampWriter writer = new StampWriter(target, temporary, null, identity, true);
            writer.giveUp(failed);
            return writer;
        }
    }

    /** Keeps nothing. */
    public static StampWriter none() {
        return new StampWriter(null, null, null, new Digest(0, 0, 0, 0), true);
    }

    /** A process that died leaves its file behind; the next one takes the same name, and deletes whatever has it. */
    private static Path temporary(Path target) {
        return target.resolveSibling(target.getFileName() + ".tmp");
    }

    private static FileChannel open(Path temporary) throws IOException {
        Files.deleteIfExists(temporary);
        FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        channel.position(StampFormat.HEADER_BYTES);
        return channel;
    }

    /**
     * Has a file of stamps say nothing besides them any more, if there is one. Its header is written over, which takes no
     * space; if that fails the file is removed.
     */
    public static void unsay(Path target) throws IOException {
        try (FileChannel channel = FileChannel.open(
                target, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer header = ByteBuffer.allocate(StampFormat.HEADER_BYTES);
            while (header.hasRemaining() && channel.read(header, header.position()) >= 0) {
                // Until it is whole; a file without a header is none already.
            }
            int said = StampFormat.HEADER_BYTES - Integer.BYTES - Digest.BYTES;
            header.position(said).put(StampReader.NOTHING_SAID.toBytes());
            header.putInt(checksum(header.duplicate().flip())).flip();
            channel.write(header, 0);
        } catch (NoSuchFileException none) {
            // It says nothing.
        } catch (IOException unwritable) {
            Files.deleteIfExists(target);
        }
    }

    /** Why an optional file was given up; empty if it was not. */
    public Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Whether what was added stands in the file. */
    public boolean isPublished() {
        return published;
    }

    /** Adds a file; paths ascend. */
    public void add(KnownFile file) throws IOException {
        if (channel == null || failure != null) {
            return;
        }
        byte[] path = file.path().toUtf8();
        StampFormat.write(block, previous, path, file);
        previous = path;
        if (block.position() >= StampFormat.BLOCK_BYTES) {
            try {
                writeBlock(channel);
            } catch (IOException failed) {
                giveUp(failed);
            }
        }
    }

    /** Completes the file: it describes the tree of this root, and says something besides. */
    public void publish(Digest root, Digest fingerprint) throws IOException {
        publish(root, fingerprint, false);
    }

    /**
     * As the other.
     *
     * @param durable whether the bytes survive a power cut from now on; that the file has its name is for the caller to flush
     */
    public void publish(Digest root, Digest fingerprint, boolean durable) throws IOException {
        if (channel == null || target == null || temporary == null || failure != null) {
            return;
        }
        try {
            complete(channel, root, fingerprint, durable);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            published = true;
        } catch (IOException failed) {
            giveUp(failed);
        }
    }

    private void complete(FileChannel channel, Digest root, Digest fingerprint, boolean durable) throws IOException {
        if (block.position() > StampFormat.BLOCK_HEADER_BYTES) {
            writeBlock(channel);
        }
        writeBlock(channel);
        ByteBuffer header = ByteBuffer.allocate(StampFormat.HEADER_BYTES);
        header.put(StampFormat.MAGIC)
                .put(identity.toBytes())
                .put(root.toBytes())
                .put(fingerprint.toBytes());
        header.putInt(checksum(header.duplicate().flip())).flip();
        channel.write(header, 0);
        if (durable) {
            channel.force(true);
        }
        channel.close();
    }

    private void giveUp(IOException failed) throws IOException {
        if (!optional || target == null || temporary == null || failed instanceof ClosedByInterruptException) {
            throw failed;
        }
        failure = failed;
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException alsoFailed) {
                failed.addSuppressed(alsoFailed);
            }
        }
        Files.deleteIfExists(temporary);
        Files.deleteIfExists(target);
    }

    /** Drops the file unless it was published. */
    @Override
    public void close() throws IOException {
        if (channel != null && temporary != null && channel.isOpen()) {
            channel.close();
            Files.deleteIfExists(temporary);
        }
    }

    private void writeBlock(FileChannel target) throws IOException {
        int length = block.position() - StampFormat.BLOCK_HEADER_BYTES;
        block.putInt(0, length);
        block.putInt(4, checksum(block.duplicate().flip().position(StampFormat.BLOCK_HEADER_BYTES)));
        block.flip();
        while (block.hasRemaining()) {
            target.write(block);
        }
        block.clear().position(StampFormat.BLOCK_HEADER_BYTES);
        previous = NO_PATH;
    }

    static int checksum(ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return (int) checksum.getValue();
    }
}
