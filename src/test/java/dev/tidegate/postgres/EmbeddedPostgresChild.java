package dev.tidegate.postgres;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A process that starts a server, says so and waits to be killed. */
final class EmbeddedPostgresChild {

    private EmbeddedPostgresChild() {}

    /** Takes the server's directory and the directory of the binaries. */
    public static void main(String[] arguments) throws Exception {
        EmbeddedPostgres.start(Path.of(arguments[0]), PostgresOptions.DEFAULT.withInstallation(Path.of(arguments[1])));
        System.out.println("ready");
        new CountDownLatch(1).await();
    }
}
