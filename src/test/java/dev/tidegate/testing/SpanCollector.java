package dev.tidegate.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/** Takes spans by OTLP over HTTP ({@code opentelemetry/proto/trace/v1/trace.proto}) on a port of 127.0.0.1. */
public final class SpanCollector implements AutoCloseable {

    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final List<String> authorizations = new CopyOnWriteArrayList<>();

    /**
     * A span, as far as tests look at it.
     *
     * @param parent the id of its parent; empty if it has none
     * @param kind 1: internal, 2: server, 3: client
     * @param failed whether its status is an error
     */
    public record Span(
            String service, String trace, String id, String parent, String name, long kind, boolean failed) {}

    /** Begins to listen. */
    public SpanCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    /** Its address, as {@code OTEL_EXPORTER_OTLP_ENDPOINT} has it. */
    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What has arrived so far. */
    public List<Span> spans() {
        return List.copyOf(spans);
    }

    /** The header {@code Authorization} of each request that had one. */
    public List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            try (InputStream body =
                    zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
                parse(ByteString.readFrom(body));
            }
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            if (authorization != null) {
                authorizations.add(authorization);
            }
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private void parse(ByteString request) throws InvalidProtocolBufferException {
        for (UnknownFieldSet resourceSpans : messages(UnknownFieldSet.parseFrom(request), 1)) {
            String service = "";
            for (UnknownFieldSet resource : messages(resourceSpans, 1)) {
                for (UnknownFieldSet attribute : messages(resource, 1)) {
                    if (text(attribute, 1).equals("service.name")) {
                        service = text(messages(attribute, 2).getFirst(), 1);
                    }
                }
            }
            for (UnknownFieldSet scopeSpans : messages(resourceSpans, 2)) {
                for (UnknownFieldSet span : messages(scopeSpans, 2)) {
                    boolean failed = messages(span, 15).stream().anyMatch(status -> number(status, 3) == 2);
                    spans.add(new Span(
                            service, hex(span, 1), hex(span, 2), hex(span, 4), text(span, 5), number(span, 6), failed));
                }
            }
        }
    }

    private static List<UnknownFieldSet> messages(UnknownFieldSet message, int field) {
        return message.getField(field).getLengthDelimitedList().stream()
                .map(bytes -> {
                    try {
                        return UnknownFieldSet.parseFrom(bytes);
                    } catch (InvalidProtocolBufferException malformed) {
                        throw new AssertionError(malformed);
                    }
                })
                .toList();
    }

    private static ByteString bytes(UnknownFieldSet message, int field) {
        return message.getField(field).getLengthDelimitedList().stream()
                .findFirst()
                .orElse(ByteString.EMPTY);
    }

    private static String text(UnknownFieldSet message, int field) {
        return bytes(message, field).toStringUtf8();
    }

    private static String hex(UnknownFieldSet message, int field) {
        return HexFormat.of().formatHex(bytes(message, field).toByteArray());
    }

    private static long number(UnknownFieldSet message, int field) {
        return message.getField(field).getVarintList().stream().findFirst().orElse(0L);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
