package dev.tidegate.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files in which this program remembers something. It never makes a link of one: what a link leads to is somebody else's. */
public final class OwnFile {

    /** A link stands where a file is to be read. */
    public static final class IsLinkException extends FileSystemException {
        private static final long serialVersionUID = 1L;

        private IsLinkException(Path file) {
            super(file.toString(), null, "it is a link");
        }
    }

    private OwnFile() {}

    /**
     * Opens one to be read.
     *
     * @throws NoSuchFileException if there is none
     * @throws IsLinkException if it is a link
     */
    public static InputStream open(Path file) throws IOException {
        try {
            return Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException failed) {
            // What a system says of a link that is not followed has no type of its own.
            throw Files.isSymbolicLink(file) ? new IsLinkException(file) : failed;
        }
    }
}
