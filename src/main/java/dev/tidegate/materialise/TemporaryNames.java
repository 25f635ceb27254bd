package dev.tidegate.materialise;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** The names under which files and links are made before they are renamed to their place. */
final class TemporaryNames {

    private static final Pattern NAME = Pattern.compile("\\.tidegate-[0-9a-f]{16}\\.tmp");

    private TemporaryNames() {}

    /** A name beside {@code place}. Nobody is hurt who guesses it: it is created only where nothing stands. */
    static Path beside(Path place) {
        String number = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        return place.resolveSibling(".tidegate-" + number + ".tmp");
    }

    /** Removes what a pull that was killed has left in a directory, not below it. */
    static void removeFrom(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, ".tidegate-*.tmp")) {
            for (Path entry : entries) {
                if (NAME.matcher(entry.getFileName().toString()).matches()
                        && !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    Files.deleteIfExists(entry);
                }
            }
        }
    }
}
