package dev.tidegate.agent;

import dev.tidegate.content.Chunk;
import dev.tidegate.content.ChunkReader;
import dev.tidegate.content.Chunker;
import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.manifest.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads files as chunks and tells whether they stayed the same meanwhile. Holds one buffer of four chunks; for one thread.
 */
final class StableReader {

    /** How often a file is read that changes while it is read. */
    static final int ATTEMPTS = 3;

    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

    /** Takes the chunks of a file. */
    interface Target {
        /** Starts from nothing: what was added before belongs to an attempt that failed. */
        void restart();

        /** Takes the next chunk and keeps {@code bytes}. */
        void add(Digest digest, ByteBuffer bytes);
    }

    /** How the reading of a file ended. */
    sealed interface Outcome {
        /**
         * It was read whole.
         *
         * @param stamp as it was before, while and after it was read
         * @param settled whether a file that has this stamp later is sure to be the same
         */
        record Read(FileStamp stamp, boolean settled) implements Outcome {}

        /** It is gone, or no regular file any more. */
        record Vanished() implements Outcome {}

        /** It changed in every attempt. */
        record Changing() implements Outcome {}

        /**
         * It cannot be read.
         *
         * @param detail why
         */
        record Unreadable(String detail) implements Outcome {}
    }

    private final ChunkReader reader;
    private final LongConsumer bytesRead;

    /** Cuts by {@code chunker}; tells {@code bytesRead} of each chunk's length. */
    StableReader(Chunker chunker, LongConsumer bytesRead) {
        this.reader = new ChunkReader(chunker);
        this.bytesRead = bytesRead;
    }

    /** Reads a file, up to {@value #ATTEMPTS} times if it changes. */
    Outcome read(Path file, FileStamp found, Target target) {
        FileStamp before = found;
        try {
            for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
                Timestamp moment = Timestamp.of(Instant.now());
                target.restart();
                long length = readOnce(file, before.size(), target);
                FileStamp after = FileStamp.read(file);
                if (length == before.size() && after.sameFile(before) && after.mode() == before.mode()) {
                    return new Outcome.Read(after, after.settledAt(moment));
                }
                if (after.type() != FileStamp.Type.FILE) {
                    return new Outcome.Vanished();
                }
                before = after;
            }
            return new Outcome.Changing();
        } catch (NoSuchFileException gone) {
            return new Outcome.Vanished();
        } catch (AccessDeniedException denied) {
            return new Outcome.Unreadable("permission denied");
        } catch (FileSystemException failed) {
            return new Outcome.Unreadable(orName(failed.getReason(), failed));
        } catch (IOException failed) {
            return new Outcome.Unreadable(orName(failed.getMessage(), failed));
        }
    }

    private long readOnce(Path file, long size, Target target) throws IOException {
        long length = 0;
        try (FileChannel channel = FileChannel.open(file, READ)) {
            reader.open(channel, 0);
            // A file that grows as fast as it is read has no end.
            for (Chunk chunk = reader.next(); chunk != null && length <= size; chunk = reader.next()) {
                length += chunk.length();
                bytesRead.accept(chunk.length());
                byte[] bytes = new byte[chunk.length()];
                chunk.bytes().get(0, bytes);
                target.add(chunk.digest(), ByteBuffer.wrap(bytes));
            }
        }
        return length;
    }

    private static String orName(@Nullable String text, Exception failed) {
        return text == null ? failed.getClass().getSimpleName() : text;
    }
}
