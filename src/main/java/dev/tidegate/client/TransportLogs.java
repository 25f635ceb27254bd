package dev.tidegate.client;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * Keeps the libraries below quiet where nobody has said how loud they may be. A log manager without a configuration, as in
 * a process that does not start Quarkus, takes everything: gRPC would write every message out as text, and a pull would
 * take ten times as long for lines that nobody sees.
 */
final class TransportLogs {

    /** Held here, since a log manager forgets the level of a logger that nobody holds. */
    private static final List<Logger> QUIET = Stream.of("io.grpc", "io.netty")
            // Netty logs through SLF4J, which ends at this log manager whichever the JDK uses.
            .flatMap(name -> Stream.of(Logger.getLogger(name), org.jboss.logmanager.Logger.getLogger(name)))
            .toList();

    private TransportLogs() {}

    static void quieten() {
        for (Logger logger : QUIET) {
            if (logger.getLevel() == null) {
                logger.setLevel(Level.WARNING);
            }
        }
    }
}
