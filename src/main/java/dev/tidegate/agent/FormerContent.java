package dev.tidegate.agent;

import dev.tidegate.content.DeltaBase;
import dev.tidegate.manifest.ContentChunk;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a file held when it was pushed last: a chunk of it is likely to resemble what stood in its place. Reads nodes from the
 * gateway when it is asked, and only of what it is asked for. Any thread may ask; in the order of the file it is fastest.
 */
final class FormerContent {

    /** From here on what lies between is not read. */
    private static final long SEEK = 64 << 20;

    private final @Nullable ContentReader reader;
    private final Entry.@Nullable RegularFile file;

    /** What follows the window. */
    private Iterator<ContentChunk> chunks = Collections.emptyIterator();

    /** The chunks around what was asked for last. */
    private final ArrayDeque<ContentChunk> window = new ArrayDeque<>();

    private boolean unreadable;

    private FormerContent(@Nullable ContentReader reader, Entry.@Nullable RegularFile file) {
        this.reader = reader;
        this.file = file;
    }

    /** The content of a file. */
    static FormerContent of(HintNodes nodes, Entry.RegularFile file) {
        return new FormerContent(new ContentReader(nodes), file);
    }

    /** What is known without asking: one chunk of a file, and nothing of the rest. */
    static FormerContent of(ContentChunk only) {
        FormerContent former = new FormerContent(null, null);
        former.window.add(only);
        return former;
    }

    /** Returns the chunk that had most of the bytes from {@code offset} on; empty if none had any, or nobody can tell. */
    synchronized Optional<DeltaBase> at(long offset, int length) {
        try {
            if (!unreadable) {
                move(offset, offset + length);
            }
        } catch (ManifestException gone) {
            // A hint is missing, and nothing else.
            unreadable = true;
            window.clear();
        }
        ContentChunk best = null;
        long most = 0;
        for (ContentChunk chunk : window) {
            long shared = Math.min(offset + length, end(chunk)) - Math.max(offset, chunk.offset());
            if (shared > most) {
                most = shared;
                best = chunk;
            }
        }
        return best == null
                ? Optional.empty()
                : Optional.of(new DeltaBase(best.digest(), (int) (offset - best.offset())));
    }

    /** Moves the window to what overlaps a range. */
    private void move(long from, long to) {
        if (reader == null || file == null) {
            return;
        }
        long begin = window.isEmpty() ? Long.MAX_VALUE : window.getFirst().offset();
        long end = window.isEmpty() ? 0 : end(window.getLast());
        if (from < begin || from - end > SEEK) {
            window.clear();
            chunks = from < file.size() ? reader.chunks(file, from) : Collections.emptyIterator();
        }
        while ((window.isEmpty() || end(window.getLast()) < to) && chunks.hasNext()) {
            window.add(chunks.next());
        }
        while (window.size() > 1 && end(window.getFirst()) <= from) {
            window.removeFirst();
        }
    }

    private static long end(ContentChunk chunk) {
        return chunk.offset() + chunk.length();
    }
}
