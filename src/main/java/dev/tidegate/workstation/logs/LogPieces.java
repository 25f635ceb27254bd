package dev.tidegate.workstation.logs;

import dev.tidegate.client.ChunkDownloader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.v1.Snapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Parts of logs in the order in which they are shown. Many small ones are read with one call for each rank, so that the
 * history of a day costs few calls; large ones are passed on as they come. Holds some megabytes. For one thread.
 */
final class LogPieces {

    /** No more bytes are read before they are passed on. */
    private static final int HELD = 8 << 20;

    private final ChunkDownloader chunks;
    private final LogSink sink;
    private final List<Piece> pieces = new ArrayList<>();
    private long bytes;

    /**
     * What a snapshot has of a log that those before it have not.
     *
     * @param from the place of the first byte
     * @param to the place behind the last one
     */
    private record Piece(Snapshot snapshot, int rank, Entry.RegularFile file, long from, long to) {}

    LogPieces(ChunkDownloader chunks, LogSink sink) {
        this.chunks = chunks;
        this.sink = sink;
    }

    /** Adds a part, which follows the one of that rank that was added before it. */
    void add(Snapshot snapshot, int rank, Entry.RegularFile file, long from) throws IOException {
        pieces.add(new Piece(snapshot, rank, file, from, file.size()));
        bytes += file.size() - from;
        if (bytes > HELD) {
            passOn();
        }
    }

    /** Passes on what was added. */
    void passOn() throws IOException {
        if (bytes > HELD) {
            for (Piece piece : pieces) {
                chunks.copy(piece.file, piece.from, piece.to, sink.of(piece.rank, piece.snapshot));
            }
        } else {
            passOnHeld();
        }
        pieces.clear();
        bytes = 0;
    }

    private void passOnHeld() throws IOException {
        Map<Integer, Text> texts = new HashMap<>();
        for (Piece piece : pieces) {
            texts.computeIfAbsent(piece.rank, _ -> new Text(piece.from)).last = piece;
        }
        for (Text text : texts.values()) {
            Piece last = Objects.requireNonNull(text.last);
            chunks.copy(last.file, text.from, last.to, text);
        }
        for (Piece piece : pieces) {
            Text text = Objects.requireNonNull(texts.get(piece.rank));
            text.write(piece, sink.of(piece.rank, piece.snapshot));
        }
    }

    /** All parts of one log, which follow each other. */
    private static final class Text extends ByteArrayOutputStream {

        private final long from;
        private @Nullable Piece last;

        private Text(long from) {
            this.from = from;
        }

        private void write(Piece piece, OutputStream target) throws IOException {
            target.write(buf, Math.toIntExact(piece.from - from), Math.toIntExact(piece.to - piece.from));
        }
    }
}
