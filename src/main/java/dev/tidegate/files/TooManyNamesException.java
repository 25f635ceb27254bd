package dev.tidegate.files;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** A directory has more names than are held in memory. */
public final class TooManyNamesException extends FileSystemException {

    private static final long serialVersionUID = 1;

    TooManyNamesException(Path directory, long limit) {
        super(
                directory.toString(),
                null,
                "too many names to be sorted in memory: those of a directory and of the ones that it is in may take "
                        + (limit >> 20) + " MiB, a quarter of what this program may take");
    }
}
