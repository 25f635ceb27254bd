package dev.tidegate.agent.run;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Asks the agent of a work directory, from another process of the same user. */
public final class AgentClient {

    /** How long an agent may take to tell how far it is, for which it walks its directories. */
    private static final Duration STATUS_LIMIT = Duration.ofMinutes(1);

    private final Path workDirectory;
    private final Duration statusLimit;

    /** Asks the agent that works in {@code workDirectory}. */
    public AgentClient(Path workDirectory) {
        this(workDirectory, STATUS_LIMIT);
    }

    AgentClient(Path workDirectory, Duration statusLimit) {
        this.workDirectory = workDirectory.toAbsolutePath().normalize();
        this.statusLimit = statusLimit;
    }

    /**
     * A status and where it comes from.
     *
     * @param status as it is, or as the agent left it
     * @param alive whether the agent lives
     */
    public record Answer(AgentStatus status, boolean alive) {}

    /**
     * What became of an artifact that was to be flushed.
     *
     * @param type of the artifact
     * @param result {@code pushed}, {@code waiting} if that is no snapshot before the other ranks have pushed, {@code
     *     unchanged} or {@code failed}
     * @param snapshot its id; empty if there is none or none yet
     * @param cut in which it waits for the other ranks; empty if it does not
     * @param detail why it failed, or what was left out; empty if neither
     */
    public record Flushed(String type, String result, String snapshot, String cut, String detail) {}

    /**
     * Asks the agent, or reads what it left if it lives no more.
     *
     * @throws AgentException if no agent ever worked there, or the one that does has not answered for a minute
     */
    public Answer status() throws IOException {
        Path state = WorkDirectory.state(workDirectory);
        Optional<byte[]> answer = ask(json -> json.writeStringField("command", "status"), Optional.of(statusLimit));
        if (answer.isPresent()) {
            try (JsonParser json = new JsonFactory().createParser(answer.get())) {
                json.nextToken();
                return new Answer(AgentStatus.read(json), true);
            }
        }
        AgentStatus left = StatusBoard.read(state)
                .orElseThrow(() -> new AgentException("no agent has worked in " + workDirectory));
        return new Answer(left, false);
    }

    /**
     * Has artifacts pushed now and waits for the end, however long a push takes.
     *
     * @param types all if empty
     * @throws AgentException if no agent works there
     */
    public List<Flushed> flush(List<ArtifactDirectory> types) throws IOException {
        byte[] answer = ask(
                        json -> {
                            json.writeStringField("command", "flush");
                            json.writeArrayFieldStart("types");
                            for (ArtifactDirectory type : types) {
                                json.writeString(type.type());
                            }
                            json.writeEndArray();
                        },
                        Optional.empty())
                .orElseThrow(() -> new AgentException("no agent works in " + workDirectory));
        List<Flushed> flushed = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(answer)) {
            Map<String, String> values = new HashMap<>();
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.VALUE_STRING) {
                    values.put(json.currentName(), json.getText());
                } else if (json.currentToken() == JsonToken.END_OBJECT && values.containsKey("type")) {
                    flushed.add(new Flushed(
                            values.getOrDefault("type", ""),
                            values.getOrDefault("result", ""),
                            values.getOrDefault("snapshot", ""),
                            values.getOrDefault("cut", ""),
                            values.getOrDefault("error", values.getOrDefault("warning", ""))));
                    values.clear();
                }
            }
            if (values.containsKey("error")) {
                throw new AgentException("the agent of " + workDirectory + " answers: " + values.get("error"));
            }
        }
        return flushed;
    }

    /** Returns the agent's answer; empty if there is no agent. */
    private Optional<byte[]> ask(Question question, Optional<Duration> limit) throws IOException {
        String socket;
        try {
            socket = Files.readString(
                    WorkDirectory.state(workDirectory).resolve(ControlServer.FILE), StandardCharsets.UTF_8);
        } catch (NoSuchFileException | CharacterCodingException none) {
            return Optional.empty();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes, JsonEncoding.UTF8)) {
            json.writeStartObject();
            question.writeTo(json);
            json.writeEndObject();
        }
        bytes.write('\n');
        try (SocketChannel agent = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            limit.ifPresent(most -> CompletableFuture.delayedExecutor(most.toNanos(), TimeUnit.NANOSECONDS)
                    .execute(() -> close(agent)));
            agent.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer rest = ByteBuffer.wrap(bytes.toByteArray());
            while (rest.hasRemaining()) {
                agent.write(rest);
            }
            byte[] answer = Channels.newInputStream(agent).readAllBytes();
            return answer.length == 0 ? Optional.empty() : Optional.of(answer);
        } catch (SocketException | NoSuchFileException | InvalidPathException killed) {
            return Optional.empty();
        } catch (ClosedChannelException late) {
            Path state = WorkDirectory.state(workDirectory);
            throw new AgentException(
                    "the agent that works in " + workDirectory + " has not answered for "
                            + limit.orElse(Duration.ZERO).toSeconds()
                            + " s, as where it waits for a disk: " + state.resolve("status.json")
                            + " tells how far it was, and `kill -QUIT $(cat " + state.resolve("lock")
                            + ")` has it print on its stdout what it waits for",
                    late);
        }
    }

    /** Ends what waits for the other side of a channel. */
    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException closed) {
            // Nobody waits any more.
        }
    }

    @FunctionalInterface
    private interface Question {
        void writeTo(JsonGenerator json) throws IOException;
    }
}
