package dev.tidegate.client;

/**
 * Where a gateway listens for gRPC.
 *
 * @param host a name or an IP address; IPv6 without brackets
 * @param port 1 to 65,535
 */
public record GatewayAddress(String host, int port) {

    /** The port of the gateway's gRPC listener unless it is configured otherwise. */
    public static final int DEFAULT_PORT = 9000;

    /** A gateway on this machine. */
    public static final GatewayAddress LOCAL = new GatewayAddress("localhost", DEFAULT_PORT);

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException with a sentence for the user if one is not of its form
     */
    public GatewayAddress {
        if (host.isBlank() || host.chars().anyMatch(c -> c <= ' ' || c == '/' || c == '[' || c == ']')) {
            throw new IllegalArgumentException("\"" + host + "\" is no host: write HOST or HOST:PORT");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port ranges from 1 to 65535, not " + port);
        }
    }

    /**
     * Parses {@code HOST}, {@code HOST:PORT}, {@code [IPV6]} or {@code [IPV6]:PORT}.
     *
     * @throws IllegalArgumentException with a sentence for the user if it is anything else
     */
    public static GatewayAddress parse(String text) {
        if (text.contains("://")) {
            throw new IllegalArgumentException("\"" + text + "\" is a URL: write HOST:PORT, such as localhost:9000");
        }
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            if (end < 0) {
                throw new IllegalArgumentException("\"" + text + "\" lacks the ']' after an IPv6 address");
            }
            String rest = text.substring(end + 1);
            if (!rest.isEmpty() && !rest.startsWith(":")) {
                throw new IllegalArgumentException("\"" + text + "\" is no address: write [IPV6]:PORT");
            }
            return new GatewayAddress(
                    text.substring(1, end), rest.isEmpty() ? DEFAULT_PORT : parsePort(text, rest.substring(1)));
        }
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return new GatewayAddress(text, DEFAULT_PORT);
        }
        if (text.indexOf(':') != colon) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" has several colons: write an IPv6 address as [IPV6]:PORT");
        }
        return new GatewayAddress(text.substring(0, colon), parsePort(text, text.substring(colon + 1)));
    }

    private static int parsePort(String text, String port) {
        try {
            return Integer.parseInt(port);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" has no port after the colon: write HOST:PORT", notANumber);
        }
    }

    /** Tells whether it is this machine: a name or an address of its loopback interface. */
    boolean isLoopback() {
        return host.equalsIgnoreCase("localhost")
                || host.equals("::1")
                || host.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}");
    }

    /** Returns {@code HOST:PORT}, as {@link #parse} takes it. */
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
