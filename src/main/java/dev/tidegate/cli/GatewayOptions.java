package dev.tidegate.cli;

import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which gateway a command talks to. */
final class GatewayOptions {

    private static final String VARIABLE = "TIDEGATE_GATEWAY";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--gateway",
            paramLabel = "HOST:PORT",
            converter = Arguments.ToGatewayAddress.class,
            description = "Where the gateway listens for gRPC (or set " + VARIABLE + "). Default: localhost:9000.")
    private @Nullable GatewayAddress address;

    /** Opens a connection for questions that somebody waits for: a wrong address is told within ten seconds. */
    GatewayConnection connect() {
        return GatewayConnection.open(address(), RetryPolicy.BRIEF);
    }

    /** Opens a connection for work that outlives the restart of a gateway. */
    GatewayConnection connectPatiently() {
        return GatewayConnection.open(address(), RetryPolicy.PATIENT);
    }

    /** Opens a connection for work that goes on until somebody ends it, however long the gateway is away. */
    GatewayConnection connectForever() {
        return GatewayConnection.open(address(), RetryPolicy.ofLimit(Duration.ofDays(36_500)));
    }

    /** The option may stand before the subcommand or after it. */
    GatewayAddress address() {
        for (CommandSpec each = command; each != null; each = each.parent()) {
            CommandSpec mixin = each.mixins().get("gateway");
            if (mixin != null && mixin.userObject() instanceof GatewayOptions options && options.address != null) {
                return options.address;
            }
        }
        String configured = System.getenv().getOrDefault(VARIABLE, "");
        try {
            return configured.isEmpty() ? GatewayAddress.LOCAL : GatewayAddress.parse(configured);
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(command.commandLine(), VARIABLE + ": " + refused.getMessage(), refused);
        }
    }
}
