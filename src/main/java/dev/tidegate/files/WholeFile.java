package dev.tidegate.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Small files that are there whole or not at all, whoever is killed meanwhile. */
public final class WholeFile {

    private WholeFile() {}

    /**
     * Puts new bytes in the place of a file at once. They are written beside it first, under its name with {@code .new}: into
     * a new file, as what stands there may be another name of somebody else's.
     *
     * @param durable whether they must survive a power cut from now on
     * @throws NoSuchFileException with the directory, if there is none
     */
    public static void replace(Path file, byte[] bytes, boolean durable) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        try (FileChannel channel =
                FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            if (durable) {
                channel.force(true);
            }
        } catch (NoSuchFileException absent) {
            throw new NoSuchFileException("" + file.toAbsolutePath().getParent());
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (durable) {
            try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }
}
