package dev.tidegate.config;

import dev.tidegate.client.Credentials;
import dev.tidegate.client.GatewayAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Which gateway is meant: what is on the command line comes before the environment, and that before the current context. */
public final class GatewayChoice {

    /** The environment variable that has an address. */
    public static final String GATEWAY_VARIABLE = "TIDEGATE_GATEWAY";

    /** The environment variable that names a context. */
    public static final String CONTEXT_VARIABLE = "TIDEGATE_CONTEXT";

    private GatewayChoice() {}

    /**
     * Returns the gateway; one on this machine if nothing names another. An address that is named without a context gets no
     * credentials: they are meant for another.
     *
     * @param address that the command line names
     * @param context that the command line names
     * @param environment of the process
     * @param file the configuration
     * @throws IllegalArgumentException with a sentence for the user if the environment has an address that is none
     * @throws IOException if the configuration is needed and cannot be read
     * @throws ConfigException if it cannot be obeyed, or has no such context
     */
    public static GatewayContext of(
            Optional<GatewayAddress> address, Optional<String> context, Map<String, String> environment, Path file)
            throws IOException {
        if (context.isPresent()) {
            GatewayContext chosen = ClientConfig.read(file).context(context.get());
            return address.map(elsewhere -> new GatewayContext(elsewhere, chosen.credentials()))
                    .orElse(chosen);
        }
        Optional<GatewayAddress> named = address.or(() -> fromEnvironment(environment));
        if (named.isPresent()) {
            return new GatewayContext(named.get(), Credentials.NONE);
        }
        ClientConfig config = ClientConfig.read(file);
        return set(environment, CONTEXT_VARIABLE)
                .or(config::current)
                .map(config::context)
                .orElse(new GatewayContext(GatewayAddress.LOCAL, Credentials.NONE));
    }

    private static Optional<GatewayAddress> fromEnvironment(Map<String, String> environment) {
        try {
            return set(environment, GATEWAY_VARIABLE).map(GatewayAddress::parse);
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(GATEWAY_VARIABLE + ": " + refused.getMessage(), refused);
        }
    }

    private static Optional<String> set(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable)).filter(value -> !value.isEmpty());
    }
}
