package dev.tidegate.materialise;

import dev.tidegate.manifest.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A file that is being written beside its place, its pieces in any order and by several threads, and renamed when it is
 * whole. Until then its place is untouched.
 */
final class FileAssembly {

    private final Path place;
    private final Path temporary;
    private final Entry.RegularFile entry;
    private final int createdMode;

    /** Pieces that were expected and have not been written, and one for the expecting itself. */
    private final AtomicLong outstanding = new AtomicLong(1);

    private final AtomicLong written = new AtomicLong();
    private @Nullable FileChannel channel;
    private boolean discarded;

    /** Expects pieces; {@code mask} is what the process takes away from the modes of new files. */
    FileAssembly(Path place, Entry.RegularFile entry, int mask) {
        this.place = place;
        this.temporary = TemporaryNames.beside(place);
        this.entry = entry;
        this.createdMode = entry.mode() & FileModes.KEPT & ~mask;
    }

    /** One more piece will be written. */
    void expect() {
        outstanding.incrementAndGet();
    }

    /** Writes a piece; returns whether the file is whole now and stands at its place. */
    boolean write(long offset, ByteBuffer bytes) throws IOException {
        FileChannel target = channel();
        ByteBuffer rest = bytes.duplicate();
        long at = offset;
        while (rest.hasRemaining()) {
            at += target.write(rest, at);
        }
        written.addAndGet(bytes.remaining());
        return done();
    }

    /** Every piece has been expected; returns as {@link #write} does. */
    boolean expectedAll() throws IOException {
        return done();
    }

    /** Removes what was written, unless it stands at its place already. */
    synchronized void discard() throws IOException {
        discarded = true;
        FileChannel open = channel;
        if (open != null) {
            // An interrupt has closed it already; the temporary file stands all the same, unless it was renamed.
            open.close();
            Files.deleteIfExists(temporary);
        }
    }

    private boolean done() throws IOException {
        if (outstanding.decrementAndGet() > 0) {
            return false;
        }
        if (written.get() != entry.size()) {
            throw new IOException(place + ": " + written.get() + " bytes arrived of a file of " + entry.size());
        }
        channel().close();
        int mode = entry.mode() & FileModes.KEPT;
        if (mode != createdMode) {
            FileModes.set(temporary, mode);
        }
        Files.setLastModifiedTime(temporary, FileTime.from(entry.mtime().toInstant()));
        Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE);
        return true;
    }

    private synchronized FileChannel channel() throws IOException {
        if (discarded) {
            throw new IOException(place + ": the pull was given up");
        }
        FileChannel open = channel;
        if (open == null) {
            // Fails where anything stands, a link too.
            open = FileChannel.open(
                    temporary,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    FileModes.attribute(entry.mode()));
            channel = open;
        }
        return open;
    }
}
