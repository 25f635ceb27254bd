package dev.tidegate.materialise;

import dev.tidegate.content.Digest;
import dev.tidegate.files.Positional;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.ContentChunk;
import dev.tidegate.manifest.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A file that is being written in the staging directory, its pieces in any order and by several threads, and put at its place
 * when it is whole. Until then its place is untouched.
 *
 * <p>Where it is to last, a file of several chunks has a name that says what it becomes, and what was written stays for a
 * later process, which checks every chunk before it relies on it.
 */
final class FileAssembly implements LocalChunks.Target {

    /**
     * After so many bytes, what was written to a file that is to last is flushed, by the thread that wrote the last of them,
     * while others go on: whoever flushes the whole file in the end would else wait for all of it.
     */
    private static final int FLUSHED_AT_ONCE = 32 << 20;

    private final Staging staging;
    private final SecureTree tree;
    private final Path name;
    private final boolean part;
    private final Entry.RegularFile entry;
    private final Placement placement;
    private final boolean lasting;
    private final int createdMode;

    /** Pieces that were expected and have not been written, and one for the expecting itself. */
    private final AtomicLong outstanding = new AtomicLong(1);

    private final AtomicLong written = new AtomicLong();
    private @Nullable FileChannel channel;
    private boolean resumed;
    private boolean discarded;

    /** From here on nothing was ever written but what belongs there, so that zeros need not be. */
    private volatile long untouched;

    /** Whether zeros were not written, at the end of the file too perhaps. */
    private volatile boolean passedOver;

    /** Expects pieces. */
    FileAssembly(SecureTree tree, Entry.RegularFile entry, Placement placement, boolean lasting) {
        this.tree = tree;
        this.staging = tree.staging();
        this.entry = entry;
        this.placement = placement;
        this.lasting = lasting;
        this.createdMode = (entry.mode() & FileModes.KEPT) | Staging.WORKING;
        this.name = lasting && entry.content() instanceof Content.ChunkTree(var root)
                ? staging.partName(root.toString())
                : staging.newName();
        this.part = name.toString().startsWith(Staging.PART);
    }

    /** Whether the file consists of one chunk alone. */
    boolean isOf(ContentChunk chunk) {
        return chunk.length() == entry.size();
    }

    /** One more piece will be written. */
    void expect() {
        outstanding.incrementAndGet();
    }

    /** Writes a piece of the file, from parts; returns whether the file is whole now and stands at its place. */
    boolean write(long offset, List<ByteBuffer> parts) throws IOException {
        FileChannel target = channel();
        boolean sparse = offset >= untouched;
        int length = 0;
        for (ByteBuffer part : parts) {
            if (!sparse) {
                Positional.write(target, part.duplicate(), offset + length);
            } else if (Zeros.writeOthers(target, part, offset + length)) {
                passedOver = true;
            }
            length += part.remaining();
        }
        return written(length);
    }

    /** A piece was written by somebody else, or was there; returns as {@link #write} does. */
    boolean written(int length) throws IOException {
        long bytes = written.addAndGet(length);
        if (lasting && bytes / FLUSHED_AT_ONCE > (bytes - length) / FLUSHED_AT_ONCE) {
            channel().force(false);
        }
        return done();
    }

    /** Somebody else may have written something to the file that does not belong there. */
    void touched() {
        untouched = Long.MAX_VALUE;
    }

    /** Every piece has been expected; returns as {@link #write} does. */
    boolean expectedAll() throws IOException {
        return done();
    }

    /** Whether an earlier process may have written some of it. */
    boolean mayHold() {
        return part && staging.isLeft(name);
    }

    /** Tells whether an earlier process has written a chunk already. */
    boolean holds(ContentChunk chunk) throws IOException {
        if (!mayHold()) {
            return false;
        }
        FileChannel source = channel();
        if (!resumed || source.size() < chunk.offset() + chunk.length()) {
            return false;
        }
        ByteBuffer bytes = ByteBuffer.allocate(chunk.length());
        return Positional.read(source, bytes, chunk.offset())
                && Digest.of(bytes.flip()).equals(chunk.digest());
    }

    /** Removes what was written, unless it stands at its place already or may be gone on with. */
    synchronized void discard() throws IOException {
        discarded = true;
        FileChannel open = channel;
        if (open != null) {
            // An interrupt has closed it already; the file stands all the same, unless it was renamed.
            open.close();
            if (!part) {
                staging.delete(name);
            }
        }
    }

    @Override
    public synchronized FileChannel channel() throws IOException {
        if (discarded) {
            throw new IOException("the file was given up");
        }
        FileChannel open = channel;
        if (open == null) {
            open = part ? reopen() : staging.create(name, createdMode);
            channel = open;
        }
        return open;
    }

    private FileChannel reopen() throws IOException {
        try {
            FileChannel left = staging.reopen(name);
            if (left.size() > entry.size()) {
                left.truncate(entry.size());
            }
            resumed = true;
            untouched = left.size();
            return left;
        } catch (NoSuchFileException none) {
            return staging.create(name, createdMode);
        }
    }

    private boolean done() throws IOException {
        if (outstanding.decrementAndGet() > 0) {
            return false;
        }
        if (written.get() != entry.size()) {
            throw new IOException(written.get() + " bytes arrived of a file of " + entry.size());
        }
        FileChannel whole = channel();
        if (passedOver && whole.size() < entry.size()) {
            Positional.write(whole, ByteBuffer.allocate(1), entry.size() - 1);
        }
        whole.close();
        int mode = entry.mode() & FileModes.KEPT;
        boolean modeDiffers = resumed || (createdMode & ~tree.mask()) != mode;
        staging.finish(name, FileTime.from(entry.mtime().toInstant()), mode, modeDiffers);
        placement.place(tree.stagedFile(name));
        return true;
    }
}
