package dev.tidegate.agent;

import dev.tidegate.checkpoint.PointerRule;
import dev.tidegate.files.FileNames;
import dev.tidegate.files.FileStamp;
import dev.tidegate.manifest.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * What a pointer to a checkpoint says, read at once.
 *
 * @param stamp of the link or file
 * @param text of the link, or the bytes of the file, one character for one byte
 * @param settled whether one that has this stamp later is sure to say the same
 */
record Pointer(FileStamp stamp, String text, boolean settled) {

    /** Reads a pointer; empty if there is none, or what is there can be none, or it changes while it is read. */
    static Optional<Pointer> read(Path file) throws IOException {
        Timestamp moment = Timestamp.of(Instant.now());
        try {
            FileStamp stamp = FileStamp.read(file);
            String text =
                    switch (stamp.type()) {
                        case LINK -> FileNames.decode(Files.readSymbolicLink(file));
                        case FILE ->
                            stamp.size() > PointerRule.MAX_TEXT_BYTES ? null : readText(file, (int) stamp.size());
                        case DIRECTORY, OTHER -> null;
                    };
            return text != null && FileStamp.read(file).sameFile(stamp)
                    ? Optional.of(new Pointer(stamp, text, stamp.settledAt(moment)))
                    : Optional.empty();
        } catch (FileSystemException gone) {
            return Optional.empty();
        }
    }

    /** The last component of a link's text, or the text of a file, without white space around it. */
    String target() {
        if (!isLink()) {
            return new String(bytes(), StandardCharsets.UTF_8).strip();
        }
        String path = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        return path.substring(path.lastIndexOf('/') + 1);
    }

    boolean isLink() {
        return stamp.type() == FileStamp.Type.LINK;
    }

    /** Whether this and {@code other} are one pointer that nobody moved between them. */
    boolean same(Pointer other) {
        return stamp.sameFile(other.stamp) && text.equals(other.text);
    }

    /** The bytes of a pointer that is a file. */
    byte[] bytes() {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String readText(Path file, int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size);
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // Until there is no more.
            }
        }
        // One character for one byte, so that nothing is lost whatever they are.
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
    }
}
