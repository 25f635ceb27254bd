package dev.tidegate.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The file that holds what the server says. It and its predecessor {@code server.log.1} stay below 16 MiB together,
 * give or take what is written between two looks.
 */
record ServerLog(Path file) {

    private static final long LIMIT = 8L << 20;
    private static final int TAIL_BYTES = 16 << 10;
    private static final int TAIL_LINES = 8;

    /**
     * Copies the log away and empties it, if it has grown too long. The server may go on writing: it has opened the
     * file for appending, so that it continues at the new end. What it says between the two steps is lost.
     */
    void bound() throws IOException {
        if (!Files.exists(file) || Files.size(file) < LIMIT) {
            return;
        }
        Files.copy(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
    }

    /** Returns the last lines, each indented on a line of its own, for an error message. */
    String tail() {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.position(Math.max(0, channel.size() - TAIL_BYTES));
            ByteBuffer bytes = ByteBuffer.allocate(TAIL_BYTES);
            int read = 0;
            while (bytes.hasRemaining() && read >= 0) {
                read = channel.read(bytes);
            }
            List<String> lines = StandardCharsets.UTF_8
                    .decode(bytes.flip())
                    .toString()
                    .lines()
                    .toList();
            StringBuilder text = new StringBuilder();
            for (String line : lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())) {
                text.append("\n    ").append(line);
            }
            return text.isEmpty() ? " It said nothing." : " Its last words:" + text;
        } catch (NoSuchFileException e) {
            return " It said nothing.";
        } catch (IOException e) {
            return " Its log cannot be read: " + e.getMessage();
        }
    }
}
