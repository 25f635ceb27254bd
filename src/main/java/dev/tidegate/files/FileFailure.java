package dev.tidegate.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Failures of files as people are told them: of the usual ones the JDK says a path alone. */
public final class FileFailure {

    private FileFailure() {}

    /** What failed, and why. */
    public static String sentence(IOException failed) {
        String message = failed.getMessage();
        if (message == null || message.isBlank()) {
            return failed.toString();
        }
        if (!(failed instanceof FileSystemException of) || of.getReason() != null) {
            return message;
        }
        return switch (of) {
            case NotDirectoryException no -> no.getFile() + " is not a directory";
            case NoSuchFileException no -> no.getFile() + " does not exist";
            case FileAlreadyExistsException no -> no.getFile() + " exists already, and is not a directory";
            case AccessDeniedException no -> no.getFile() + ": permission denied";
            default -> message + ": " + of.getClass().getSimpleName();
        };
    }
}
