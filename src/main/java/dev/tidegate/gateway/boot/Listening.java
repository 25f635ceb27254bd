package dev.tidegate.gateway.boot;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A gateway that accepts connections.
 *
 * @param host what both listeners are bound to
 * @param grpcPort the port of data and control
 * @param httpPort the port of snapshots over HTTP, health and metrics
 * @param dataDirectory where it keeps what it keeps
 */
public record Listening(String host, int grpcPort, int httpPort, Path dataDirectory) {

    /** One line for whoever started the gateway. */
    @Override
    public String toString() {
        String shown = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return "Tidegate is ready: gRPC on " + shown + ":" + grpcPort + ", HTTP on http://" + shown + ":" + httpPort
                + ", data in " + dataDirectory;
    }

    /** Writes a JSON object with the members {@code pid, host, grpc_port, http_port, data_directory}, all at once. */
    void writeTo(Path file) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (JsonGenerator json = new JsonFactory().createGenerator(fresh.toFile(), JsonEncoding.UTF8)) {
            json.writeStartObject();
            json.writeNumberField("pid", ProcessHandle.current().pid());
            json.writeStringField("host", host);
            json.writeNumberField("grpc_port", grpcPort);
            json.writeNumberField("http_port", httpPort);
            json.writeStringField("data_directory", dataDirectory.toString());
            json.writeEndObject();
            json.writeRaw('\n');
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
