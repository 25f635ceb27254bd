package dev.tidegate.materialise;

import dev.tidegate.content.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chunks that files on this machine hold already. Asked by one thread; copies are made by several. */
public interface LocalChunks {

    /** There are none. */
    LocalChunks NONE = new LocalChunks() {
        @Override
        public @Nullable Origin find(Digest digest) {
            return null;
        }

        @Override
        public int copy(List<Piece> pieces) {
            return 0;
        }
    };

    /** Where the bytes of a chunk may be. */
    interface Origin {
        /** Whether another comes from the same file, so that both are copied at once. */
        boolean sameFile(Origin other);
    }

    /**
     * A chunk to be copied.
     *
     * @param origin where from
     * @param digest of the chunk
     * @param length in bytes
     * @param target the file that it goes into, positions of which others write meanwhile
     * @param offset where in it
     */
    record Piece(Origin origin, Digest digest, int length, Target target, long offset) {}

    /** A file that is written; the same object for all of its pieces. */
    @FunctionalInterface
    interface Target {
        /** Opened when it is asked for first. */
        FileChannel channel() throws IOException;
    }

    /** Returns where a chunk may be; null if nothing is known of it. */
    @Nullable
    Origin find(Digest digest);

    /**
     * Copies chunks from one file.
     *
     * @return how many of the first were copied and are sure to be what they should; the others are not there any more
     * @throws IOException if a target cannot be written
     */
    int copy(List<Piece> pieces) throws IOException;
}
