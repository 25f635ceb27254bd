package dev.tidegate.agent.run;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tidegate.files.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Answers other processes of the same user over a Unix domain socket: one object of JSON on one line in, one out.
 *
 * <p>{@code {"command": "status"}} is answered by an {@link AgentStatus}; {@code {"command": "flush", "types": […]}} by
 * what became of each artifact, when all cycles that began since have ended; no types mean all.
 *
 * <p>The directory of the socket is open to its user alone. Where its path would be too long for a socket's address, the
 * socket is in a new directory below the system's temporary one; in either case {@code control} in the state's directory
 * names it.
 */
final class ControlServer implements AutoCloseable {

    static final String FILE = "control";

    /** The address of a socket has 108 bytes on Linux and 104 elsewhere, and ends in a zero. */
    private static final int LONGEST_PATH = 103;

    private static final int LONGEST_REQUEST = 4096;
    private static final int CONNECTIONS = 16;
    private static final int PAUSE_MILLIS = 100;

    private final ServerSocketChannel listener;
    private final Path socket;
    private final boolean elsewhere;
    private final Path pointer;
    private final StatusBoard board;
    private final Map<ArtifactDirectory, Cadence> cadences;
    private final Semaphore connections = new Semaphore(CONNECTIONS);

    /** Answers on {@code listener}, which is bound to {@code socket}, while {@link #accept} runs. */
    ControlServer(
            ServerSocketChannel listener,
            Path socket,
            boolean elsewhere,
            Path pointer,
            StatusBoard board,
            Map<ArtifactDirectory, Cadence> cadences) {
        this.listener = listener;
        this.socket = socket;
        this.elsewhere = elsewhere;
        this.pointer = pointer;
        this.board = board;
        this.cadences = cadences;
    }

    /**
     * Listens.
     *
     * @param cadences may be filled later
     * @throws IOException if there is no place for a socket, or for its name; nothing is left of it
     */
    static ControlServer start(WorkDirectory work, StatusBoard board, Map<ArtifactDirectory, Cadence> cadences)
            throws IOException {
        Path socket = work.state().resolve("control.sock");
        boolean elsewhere = socket.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH;
        if (elsewhere) {
            socket = Files.createTempDirectory("tidegate-").resolve("control.sock");
        }
        Files.deleteIfExists(socket);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Path pointer = work.state().resolve(FILE);
        ControlServer server = new ControlServer(listener, socket, elsewhere, pointer, board, cadences);
        try {
            listener.bind(UnixDomainSocketAddress.of(socket));
            WholeFile.replace(pointer, socket.toString().getBytes(StandardCharsets.UTF_8), false);
        } catch (IOException failed) {
            server.close();
            throw failed;
        }
        Thread.ofPlatform().daemon().name("tidegate-control").start(server::accept);
        return server;
    }

    /** As {@link #start}, for an agent, which pushes without as well: that it cannot be asked is told, and it is null. */
    static @Nullable ControlServer startIfPossible(
            WorkDirectory work,
            StatusBoard board,
            Map<ArtifactDirectory, Cadence> cadences,
            AgentListener agentListener) {
        try {
            return start(work, board, cadences);
        } catch (IOException full) {
            agentListener.message(
                    "warning: this agent cannot be found by `tidegate agent status` and `flush`: " + full.getMessage());
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        Files.deleteIfExists(pointer);
        Files.deleteIfExists(socket);
        if (elsewhere) {
            Files.deleteIfExists(socket.toAbsolutePath().getParent());
        }
    }

    /** Has clients answered until this is closed. */
    void accept() {
        try {
            while (listener.isOpen()) {
                connections.acquire();
                if (!acceptNext()) {
                    connections.release();
                    Thread.sleep(PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /** Has the next client answered, which gives its permit back; returns whether that is so. */
    private boolean acceptNext() {
        try {
            SocketChannel client = listener.accept();
            try {
                Thread.ofVirtual().name("tidegate-control-client").start(() -> serve(client));
            } catch (RuntimeException | Error noThread) {
                client.close();
                throw noThread;
            }
            return true;
        } catch (IOException | RuntimeException | Error failed) {
            // The agent ends; or the process has too many files open or too little memory, which passes.
            return false;
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            answer(client);
        } catch (IOException gone) {
            // Whoever asked does not wait any more.
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } finally {
            connections.release();
        }
    }

    private void answer(SocketChannel client) throws IOException, InterruptedException {
        Request request;
        try {
            request = Request.parse(line(Channels.newInputStream(client)));
        } catch (IOException | IllegalArgumentException malformed) {
            send(client, json -> json.writeStringField("error", "not a request: " + malformed.getMessage()));
            return;
        }
        switch (request.command) {
            case "status" -> {
                AgentStatus status = board.current();
                send(client, status::write);
            }
            case "flush" -> {
                if (cadences.isEmpty()) {
                    send(client, json -> json.writeStringField("error", "nothing is pushed before the job starts"));
                    return;
                }
                Map<ArtifactDirectory, SyncOutcome> outcomes = flush(request.types);
                send(client, json -> write(json, outcomes));
            }
            default -> send(client, json -> json.writeStringField("error", "no command: " + request.command));
        }
    }

    private Map<ArtifactDirectory, SyncOutcome> flush(Set<ArtifactDirectory> types) throws InterruptedException {
        Map<ArtifactDirectory, CompletableFuture<SyncOutcome>> requested = new LinkedHashMap<>();
        cadences.forEach((artifact, cadence) -> {
            if (types.isEmpty() || types.contains(artifact)) {
                requested.put(artifact, cadence.request());
            }
        });
        Map<ArtifactDirectory, SyncOutcome> outcomes = new LinkedHashMap<>();
        for (Map.Entry<ArtifactDirectory, CompletableFuture<SyncOutcome>> each : requested.entrySet()) {
            try {
                outcomes.put(each.getKey(), each.getValue().get());
            } catch (ExecutionException impossible) {
                throw new IllegalStateException("a cycle does not throw", impossible);
            }
        }
        return outcomes;
    }

    private void write(JsonGenerator json, Map<ArtifactDirectory, SyncOutcome> outcomes) throws IOException {
        json.writeArrayFieldStart("artifacts");
        for (Map.Entry<ArtifactDirectory, SyncOutcome> each : outcomes.entrySet()) {
            json.writeStartObject();
            json.writeStringField("type", each.getKey().type());
            switch (each.getValue()) {
                case SyncOutcome.Unchanged() -> json.writeStringField("result", "unchanged");
                case SyncOutcome.Pushed(var result) -> {
                    json.writeStringField(
                            "result",
                            result.pending().isPresent() ? "waiting" : result.unchanged() ? "unchanged" : "pushed");
                    if (result.published().isPresent()) {
                        json.writeStringField(
                                "snapshot", result.published().get().getId());
                    }
                    if (result.pending().isPresent()) {
                        json.writeStringField("cut", result.pending().get().getCutId());
                    }
                    if (result.warningCount() > 0) {
                        json.writeStringField(
                                "warning", result.warnings().getFirst().toString());
                    }
                }
                case SyncOutcome.Failed(String sentence, var _) -> {
                    json.writeStringField("result", "failed");
                    json.writeStringField("error", sentence);
                }
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static byte[] line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = in.read();
        while (next >= 0 && next != '\n') {
            if (line.size() == LONGEST_REQUEST) {
                throw new IOException("a request has at most " + LONGEST_REQUEST + " bytes");
            }
            line.write(next);
            next = in.read();
        }
        return line.toByteArray();
    }

    private static void send(SocketChannel client, Body body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes, JsonEncoding.UTF8)) {
            json.writeStartObject();
            body.writeTo(json);
            json.writeEndObject();
        }
        bytes.write('\n');
        ByteBuffer rest = ByteBuffer.wrap(bytes.toByteArray());
        while (rest.hasRemaining()) {
            client.write(rest);
        }
    }

    @FunctionalInterface
    private interface Body {
        void writeTo(JsonGenerator json) throws IOException;
    }

    /** What a client wants. */
    private record Request(String command, Set<ArtifactDirectory> types) {

        private static Request parse(byte[] line) throws IOException {
            String command = "";
            Set<ArtifactDirectory> types = EnumSet.noneOf(ArtifactDirectory.class);
            try (JsonParser json = new JsonFactory().createParser(line)) {
                while (json.nextToken() != null) {
                    if (json.currentToken() != JsonToken.VALUE_STRING) {
                        continue;
                    }
                    String text = json.getText();
                    if (json.currentName() != null) {
                        command = text;
                    } else {
                        types.add(ArtifactDirectory.of(text)
                                .orElseThrow(
                                        () -> new IllegalArgumentException("\"" + text + "\" is no artifact's type")));
                    }
                }
            }
            return new Request(command, types);
        }
    }
}
