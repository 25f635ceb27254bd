package dev.tidegate.cli;

import dev.tidegate.v1.Snapshot;
import dev.tidegate.workstation.logs.LineSplitter;
import dev.tidegate.workstation.logs.LogSink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Prints logs as they come: raw, with each line behind its rank, or as JSON. */
abstract class LogPrinter implements LogSink {

    private static final String RESET = "\u001b[0m";

    /** Cyan, yellow, green, magenta, blue, red: as docker-compose has them. */
    private static final int[] COLORS = {36, 33, 32, 35, 34, 31};

    final Output out;

    private LogPrinter(Output out) {
        this.out = out;
    }

    /** Prints the bytes of one rank as they are. */
    static LogPrinter raw(Output out) {
        return new LogPrinter(out) {
            @Override
            public OutputStream of(int rank, Snapshot snapshot) {
                return out.stream();
            }
        };
    }

    /** Prints each line behind its rank. */
    static LogPrinter prefixed(Output out, boolean colored) {
        return new Lines(out) {
            @Override
            void print(int rank, Snapshot snapshot, ByteBuffer line) throws IOException {
                String prefix = "[" + rank + "] ";
                if (colored) {
                    prefix = "\u001b[" + COLORS[rank % COLORS.length] + "m" + prefix + RESET;
                }
                out.stream().write(prefix.getBytes(StandardCharsets.UTF_8));
                out.stream().write(line.array(), line.arrayOffset() + line.position(), line.remaining());
                out.stream().write('\n');
            }
        };
    }

    /** Prints each line as an object. */
    static LogPrinter json(Output out) {
        return new Lines(out) {
            @Override
            void print(int rank, Snapshot snapshot, ByteBuffer line) throws IOException {
                out.json(json -> {
                    json.writeNumberField("rank", rank);
                    json.writeNumberField("snapshot", snapshot.getNumber());
                    json.writeStringField(
                            "time", Json.instant(snapshot.getCreateTime()).toString());
                    json.writeStringField(
                            "line", StandardCharsets.UTF_8.decode(line).toString());
                });
            }
        };
    }

    /** Prints what has come of lines whose ends have not. */
    void finish() throws IOException {}

    @Override
    public void beganAnew(int rank) throws IOException {}

    @Override
    public void caughtUp() throws IOException {
        out.flush();
    }

    /** Prints line by line. */
    private abstract static class Lines extends LogPrinter {

        private final Map<Integer, LineSplitter> ranks = new TreeMap<>();

        /** The snapshot in which what comes now has appeared. */
        private Snapshot snapshot = Snapshot.getDefaultInstance();

        Lines(Output out) {
            super(out);
        }

        abstract void print(int rank, Snapshot snapshot, ByteBuffer line) throws IOException;

        @Override
        public OutputStream of(int rank, Snapshot snapshot) {
            this.snapshot = snapshot;
            return ranks.computeIfAbsent(rank, _ -> new LineSplitter(line -> print(rank, this.snapshot, line)));
        }

        @Override
        public void beganAnew(int rank) throws IOException {
            LineSplitter splitter = ranks.get(rank);
            if (splitter != null) {
                splitter.finish();
            }
        }

        @Override
        void finish() throws IOException {
            for (LineSplitter splitter : ranks.values()) {
                splitter.finish();
            }
        }
    }
}
