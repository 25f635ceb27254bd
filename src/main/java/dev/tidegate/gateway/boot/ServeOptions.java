package dev.tidegate.gateway.boot;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a gateway is run.
 *
 * @param dataDirectory holds everything that the gateway keeps on this machine
 * @param externalDatabase the PostgreSQL to use, or empty for the embedded one
 * @param listen the address that both listeners bind to, by name or number
 * @param grpcPort the port of data and control; 0 takes any free one
 * @param httpPort the port of snapshots over HTTP, health and metrics; 0 takes any free one
 * @param readyFile is written when both listeners accept connections
 * @param logFormat how the log is written
 */
public record ServeOptions(
        Path dataDirectory,
        Optional<ExternalDatabase> externalDatabase,
        String listen,
        int grpcPort,
        int httpPort,
        Optional<Path> readyFile,
        LogFormat logFormat) {

    /** The port of data and control unless another is asked for. */
    public static final int DEFAULT_GRPC_PORT = 9000;

    /** The port of snapshots over HTTP, health and metrics unless another is asked for. */
    public static final int DEFAULT_HTTP_PORT = 8080;

    /**
     * Checks the ports.
     *
     * @throws BootException if one is none, or both are the same
     */
    public ServeOptions {
        dataDirectory = dataDirectory.toAbsolutePath().normalize();
        requirePort("--grpc-port", grpcPort);
        requirePort("--http-port", httpPort);
        if (grpcPort == httpPort && grpcPort != 0) {
            throw new BootException("gRPC and HTTP cannot share port " + grpcPort + ": give --grpc-port or --http-port"
                    + " another one.");
        }
    }

    private static void requirePort(String option, int port) {
        if (port < 0 || port > 65_535) {
            throw new BootException(option + " takes a port from 0 to 65535, not " + port + ".");
        }
    }
}
