package dev.tidegate.workstation.logs;

import dev.tidegate.client.ChunkDownloader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.v1.Snapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
        Map<Integer, Piece> first = new LinkedHashMap<>();
        Map<Integer, Piece> last = new LinkedHashMap<>();
        for (Piece piece : pieces) {
            first.putIfAbsent(piece.rank, piece);
            last.put(piece.rank, piece);
        }
        Map<Integer, byte[]> texts = new LinkedHashMap<>();
        for (Map.Entry<Integer, Piece> entry : last.entrySet()) {
            Piece begin = first.getOrDefault(entry.getKey(), entry.getValue());
            ByteArrayOutputStream text = new ByteArrayOutputStream(Math.toIntExact(entry.getValue().to - begin.from));
            chunks.copy(entry.getValue().file, begin.from, entry.getValue().to, text);
            texts.put(entry.getKey(), text.toByteArray());
        }
        for (Piece piece : pieces) {
            byte[] text = texts.getOrDefault(piece.rank, new byte[0]);
            long begin = first.getOrDefault(piece.rank, piece).from;
            sink.of(piece.rank, piece.snapshot)
                    .write(text, Math.toIntExact(piece.from - begin), Math.toIntExact(piece.to - piece.from));
        }
    }
}
