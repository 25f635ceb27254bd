package dev.tidegate.files;

import dev.tidegate.content.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Writes a file of stamps beside the old one and puts it in its place when it is complete. For one thread. */
public final class StampWriter implements AutoCloseable {

    private static final byte[] NO_PATH = {};

    private final @Nullable Path target;
    private final @Nullable Path temporary;
    private final @Nullable FileChannel channel;
    private final Digest identity;
    private final ByteBuffer block = ByteBuffer.allocate(
            StampFormat.BLOCK_HEADER_BYTES + StampFormat.BLOCK_BYTES + StampFormat.MAX_RECORD_BYTES);
    private byte[] previous = NO_PATH;

    private StampWriter(
            @Nullable Path target, @Nullable Path temporary, @Nullable FileChannel channel, Digest identity) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
        this.identity = identity;
        block.position(StampFormat.BLOCK_HEADER_BYTES);
    }

    /**
     * Begins.
     *
     * @param target what stands there stays until {@link #publish}
     * @param identity whose stamps these are
     */
    public static StampWriter create(Path target, Digest identity) throws IOException {
        // A process that died leaves its file behind; the next one takes the same name.
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        channel.position(StampFormat.HEADER_BYTES);
        return new StampWriter(target, temporary, channel, identity);
    }

    /** Keeps nothing. */
    public static StampWriter none() {
        return new StampWriter(null, null, null, new Digest(0, 0, 0, 0));
    }

    /** Adds a file; paths ascend. */
    public void add(KnownFile file) throws IOException {
        if (channel == null) {
            return;
        }
        byte[] path = file.path().toUtf8();
        StampFormat.write(block, previous, path, file);
        previous = path;
        if (block.position() >= StampFormat.BLOCK_BYTES) {
            writeBlock(channel);
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
        if (channel == null || target == null || temporary == null) {
            return;
        }
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
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
