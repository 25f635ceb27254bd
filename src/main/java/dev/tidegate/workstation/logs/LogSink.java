package dev.tidegate.workstation.logs;

import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.io.OutputStream;

/** Takes what ranks have printed. Called by one thread. */
public interface LogSink {

    /**
     * Returns where the bytes go that a rank has printed next. They are written before the next call, and the stream is
     * left open.
     *
     * @param snapshot the first, of those that are read, that has them
     */
    OutputStream of(int rank, Snapshot snapshot) throws IOException;

    /** What comes of this rank from now on is no continuation: its log was cut off or begun anew. */
    void beganAnew(int rank) throws IOException;

    /** Nothing more is there for now: what came is to be shown. */
    void caughtUp() throws IOException;
}
