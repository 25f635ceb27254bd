package dev.tidegate.materialise;

import dev.tidegate.client.CallInterruptedException;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.manifest.ContentChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;

/** Compares the bytes of files with the digests of their chunks. Holds one chunk; for one thread. */
public final class FileComparison {

    private final byte[] buffer = new byte[StoredChunk.MAX_LENGTH];

    /** Tells whether a file consists of exactly these chunks. */
    boolean matches(Path file, Iterator<ContentChunk> chunks) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            return matches(channel, chunks);
        }
    }

    /**
     * Tells whether what follows in a file consists of exactly these chunks.
     *
     * @throws CallInterruptedException if the thread was interrupted, which says nothing of the file
     */
    public boolean matches(FileChannel channel, Iterator<ContentChunk> chunks) throws IOException {
        try {
            while (chunks.hasNext()) {
                ContentChunk chunk = chunks.next();
                ByteBuffer target = ByteBuffer.wrap(buffer, 0, chunk.length());
                while (target.hasRemaining()) {
                    if (channel.read(target) < 0) {
                        return false;
                    }
                }
                if (!Digest.of(buffer, 0, chunk.length()).equals(chunk.digest())) {
                    return false;
                }
            }
            return channel.read(ByteBuffer.wrap(buffer, 0, 1)) < 0;
        } catch (ClosedByInterruptException interrupted) {
            throw new CallInterruptedException("comparing was interrupted");
        }
    }
}
