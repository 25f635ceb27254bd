package dev.tidegate.workstation.sync;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.Positional;
import dev.tidegate.files.StampReader;
import dev.tidegate.manifest.ContentChunk;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.LocalChunks;
import dev.tidegate.materialise.SecureTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of files that syncs have put into a directory. Which chunks a file has is read from the manifest, so only files
 * are entered that promise something: the one that is replaced, then those of the name of a new file, then others, for about
 * as many chunks as are needed.
 *
 * <p>A file whose stamp is not what it was is no source. What is copied from one counts only if its stamp is the same after
 * copying; where bytes are to be verified, they are hashed instead.
 */
final class LocalFiles implements LocalChunks {

    /** The most files that are sources. */
    private static final int MAX_SOURCES = 1 << 16;

    /** Chunks have 64 KiB or more on average. */
    private static final int AVERAGE_CHUNK = 64 << 10;

    /** For each chunk that may be needed so many are looked at. */
    private static final int EFFORT = 4;

    private static final int LEAST_EFFORT = 1024;

    private final SecureTree tree;
    private final ContentReader contents;
    private final boolean verify;
    private final ChunkIndex index;
    private final long blockSize;
    private final List<KnownFile> sources = new ArrayList<>();

    LocalFiles(SecureTree tree, ContentReader contents, boolean verify, int places) throws IOException {
        this.tree = tree;
        this.blockSize = Files.getFileStore(tree.root()).getBlockSize();
        this.contents = contents;
        this.verify = verify;
        this.index = new ChunkIndex(places);
    }

    private record Place(KnownFile source, long sourceOffset) implements Origin {
        @Override
        public boolean sameFile(Origin other) {
            return other instanceof Place place && place.source.path().equals(source.path());
        }
    }

    /** Enters a file. */
    void add(KnownFile file) {
        add(file, Long.MAX_VALUE);
    }

    /**
     * Enters files that may hold what new files need.
     *
     * @param names says whether a new file has a name
     * @param newBytes how much new files have that replace nothing
     */
    void addOthers(StampSource known, NewNames names, long newBytes) throws IOException {
        long budget = newBytes == 0 ? 0 : EFFORT * (newBytes / AVERAGE_CHUNK) + LEAST_EFFORT;
        for (boolean alike : new boolean[] {true, false}) {
            try (StampReader files = known.open()) {
                for (KnownFile file = files.next(); file != null && budget > 0; file = files.next()) {
                    if (file.stamp().type() == FileStamp.Type.FILE && names.has(file.path()) == alike) {
                        budget -= add(file, budget);
                    }
                }
            }
        }
    }

    /** Opens what syncs have put there. */
    @FunctionalInterface
    interface StampSource {
        StampReader open();
    }

    private long add(KnownFile file, long limit) {
        if (sources.size() == MAX_SOURCES || !file.settled()) {
            return 0;
        }
        sources.add(file);
        long added = 0;
        Iterator<ContentChunk> chunks = contents.chunks(file.entry());
        while (added < limit && chunks.hasNext()) {
            ContentChunk chunk = chunks.next();
            if (!index.put(chunk.digest(), sources.size() - 1, chunk.offset())) {
                break;
            }
            added++;
        }
        return added;
    }

    @Override
    public @Nullable Origin find(Digest digest) {
        return index.find(digest) ? new Place(sources.get(index.file()), index.offset()) : null;
    }

    @Override
    public int copy(List<Piece> pieces) throws IOException {
        KnownFile source = place(pieces.getFirst()).source;
        if (!stands(source)) {
            return 0;
        }
        int copied;
        try (FileChannel channel = tree.read(source.path())) {
            copied = verify ? copyVerified(channel, pieces) : copyTrusted(channel, pieces);
        } catch (IOException notThisWay) {
            // Whether the source cannot be read or the target not be written, the download will tell.
            return 0;
        }
        return verify || stands(source) ? copied : 0;
    }

    private boolean stands(KnownFile source) throws IOException {
        TreePath path = source.path();
        FileStamp now = tree.standing(path);
        return now != null && source.stillDescribes(now);
    }

    /** The kernel copies, and shares blocks where the file system can (XFS, btrfs). */
    private int copyTrusted(FileChannel source, List<Piece> pieces) throws IOException {
        int done = 0;
        while (done < pieces.size()) {
            Piece first = pieces.get(done);
            long from = place(first).sourceOffset;
            long length = first.length();
            int end = done + 1;
            while (end < pieces.size() && follows(pieces.get(end), first, length)) {
                length += pieces.get(end).length();
                end++;
            }
            if (!copy(source, from, first.target().channel(), first.offset(), length)) {
                return done;
            }
            done = end;
        }
        return done;
    }

    /** Copies a range; returns whether all of it was there. Blocks are shared whole, so what is before and behind them goes apart. */
    private boolean copy(FileChannel source, long from, FileChannel target, long to, long length) throws IOException {
        if ((to - from) % blockSize != 0) {
            return transfer(source, from, target, to, length);
        }
        long head = Math.min(length, Math.floorMod(-from, blockSize));
        long whole = (length - head) / blockSize * blockSize;
        return transfer(source, from, target, to, head)
                && transfer(source, from + head, target, to + head, whole)
                && transfer(source, from + head + whole, target, to + head + whole, length - head - whole);
    }

    /** One call of copy_file_range(2), or as many as it takes. */
    private static boolean transfer(FileChannel source, long from, FileChannel target, long to, long length)
            throws IOException {
        for (long copied = 0; copied < length; ) {
            source.position(from + copied);
            long more = target.transferFrom(source, to + copied, length - copied);
            if (more <= 0) {
                return false;
            }
            copied += more;
        }
        return true;
    }

    private static boolean follows(Piece piece, Piece first, long length) {
        return piece.target().equals(first.target())
                && piece.offset() == first.offset() + length
                && place(piece).sourceOffset == place(first).sourceOffset + length;
    }

    private static int copyVerified(FileChannel source, List<Piece> pieces) throws IOException {
        int done = 0;
        for (Piece piece : pieces) {
            ByteBuffer bytes = ByteBuffer.allocate(piece.length());
            if (!Positional.read(source, bytes, place(piece).sourceOffset)
                    || !Digest.of(bytes.flip()).equals(piece.digest())) {
                return done;
            }
            Positional.write(piece.target().channel(), bytes, piece.offset());
            done++;
        }
        return done;
    }

    private static Place place(Piece piece) {
        return (Place) piece.origin();
    }
}
