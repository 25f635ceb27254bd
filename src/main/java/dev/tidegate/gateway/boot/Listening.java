package dev.tidegate.gateway.boot;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A gateway that accepts connections.
 *
 * @param host what both listeners are bound to
 * @param grpcPort the port of data and control
 * @param httpPort the port of health, metrics and the console
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

    /** Writes a JSON object with the members {@code pid, host, grpcPort, httpPort, dataDirectory}, all at once. */
    void writeTo(Path file) throws IOException {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("pid", ProcessHandle.current().pid());
        json.put("host", host);
        json.put("grpc_port", grpcPort);
        json.put("http_port", httpPort);
        json.put("data_directory", dataDirectory.toString());
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, json + "\n");
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
