package dev.tidegate.trace;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the spans of a process go, as its environment says in OpenTelemetry's variables (specification, "OpenTelemetry
 * Protocol Exporter"): {@code OTEL_EXPORTER_OTLP_ENDPOINT} and its kin. Spans are sent by OTLP over HTTP, in Protocol
 * Buffers.
 *
 * @param base the collector's address, to which {@link #PATH} is appended
 * @param headers sent with each request; secrets, often, and so never printed
 */
public record Collector(URI base, Map<String, String> headers) {

    /** Where a collector takes spans. */
    public static final String PATH = "/v1/traces";

    private static final String PREFIX = "OTEL_EXPORTER_OTLP_";
    private static final String PROTOCOL = "http/protobuf";

    /**
     * Reads the environment; empty, unless it names a collector and does not turn traces off.
     *
     * @throws IllegalArgumentException if something in it cannot be used; the message is a sentence that names it
     */
    public static Optional<Collector> from(Map<String, String> environment) {
        Optional<String> traces = value(environment, PREFIX + "TRACES_ENDPOINT");
        Optional<String> all = value(environment, PREFIX + "ENDPOINT");
        if ((traces.isEmpty() && all.isEmpty()) || isOff(environment)) {
            return Optional.empty();
        }
        String protocolName = PREFIX + "TRACES_PROTOCOL";
        Optional<String> protocol = value(environment, protocolName);
        if (protocol.isEmpty()) {
            protocolName = PREFIX + "PROTOCOL";
            protocol = value(environment, protocolName);
        }
        if (protocol.isPresent() && !protocol.get().equals(PROTOCOL)) {
            throw new IllegalArgumentException(
                    protocolName + " is " + protocol.get() + ", but spans are sent as " + PROTOCOL
                            + ": set it so, and the endpoint to the collector's port for HTTP, which is usually 4318.");
        }
        URI base = traces.map(url -> base(PREFIX + "TRACES_ENDPOINT", url, true))
                .orElseGet(() -> base(PREFIX + "ENDPOINT", all.orElseThrow(), false));
        Map<String, String> headers = new HashMap<>(headers(environment, PREFIX + "HEADERS"));
        headers.putAll(headers(environment, PREFIX + "TRACES_HEADERS"));
        return Optional.of(new Collector(base, Map.copyOf(headers)));
    }

    /** The address that takes spans. */
    public URI endpoint() {
        return URI.create(base + PATH);
    }

    /** Without the headers. */
    @Override
    public String toString() {
        return base.toString();
    }

    private static boolean isOff(Map<String, String> environment) {
        return environment.getOrDefault("OTEL_SDK_DISABLED", "").equalsIgnoreCase("true")
                || value(environment, "OTEL_TRACES_EXPORTER")
                        .filter(names -> Arrays.stream(names.split(",", -1))
                                .map(String::strip)
                                .noneMatch("otlp"::equals))
                        .isPresent();
    }

    /** An empty variable is as one that is not set. */
    private static Optional<String> value(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /**
     * Returns the address without {@link #PATH}, which an address for traces alone has to have. One that is refused is not
     * printed: it may hold a password or a key.
     */
    private static URI base(String name, String url, boolean withPath) {
        String base = url;
        if (withPath) {
            if (!url.endsWith(PATH)) {
                throw new IllegalArgumentException(
                        name + " does not end in " + PATH + ", as the address does at which a collector takes spans.");
            }
            base = url.substring(0, url.length() - PATH.length());
        }
        while (base.endsWith("/")) {
            base = base.substring(0, base.length() - 1);
        }
        try {
            URI uri = URI.create(base);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && uri.getFragment() == null) {
                return uri;
            }
        } catch (IllegalArgumentException malformed) {
            // Told below.
        }
        throw new IllegalArgumentException(name + " is no address of a collector, such as http://localhost:4318; what"
                + " identifies the sender goes into " + PREFIX + "HEADERS.");
    }

    /** As W3C Baggage has it: pairs of a name and a percent-encoded value, between commas. */
    private static Map<String, String> headers(Map<String, String> environment, String name) {
        Map<String, String> headers = new HashMap<>();
        for (String pair : environment.getOrDefault(name, "").split(",", -1)) {
            if (pair.isBlank()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String header = equals < 0 ? "" : pair.substring(0, equals).strip();
            if (header.isEmpty()) {
                throw new IllegalArgumentException(name + " is no list such as \"name=value,other=value\".");
            }
            String value = pair.substring(equals + 1).strip();
            // Percent-encoded, but for "+", which stands for itself
            headers.put(header, URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8));
        }
        return headers;
    }
}
