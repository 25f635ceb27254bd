package dev.tidegate.files;

import dev.tidegate.manifest.Timestamp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Trees whose files may be relied on by their stamps: {@link FileStamp#settledAt}. */
public final class Settled {

    private Settled() {}

    /** Waits until all that is in {@code root} was written long enough ago. */
    public static void await(Path root) {
        Awaitility.await().until(() -> {
            Timestamp now = Timestamp.of(Instant.now());
            try (Stream<Path> paths = Files.walk(root)) {
                for (Path path : paths.toList()) {
                    if (!FileStamp.read(path).settledAt(now)) {
                        return false;
                    }
                }
                return true;
            }
        });
    }
}
