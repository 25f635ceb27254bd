package dev.tidegate.cli;

import dev.tidegate.client.Credentials;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.config.ClientConfig;
import dev.tidegate.config.GatewayChoice;
import dev.tidegate.config.GatewayContext;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.ProgressDisplay;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which gateway a command talks to, and as whom. */
final class GatewayOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--gateway",
            paramLabel = "HOST:PORT",
            converter = Arguments.ToGatewayAddress.class,
            description = "Where the gateway listens for gRPC (or set " + GatewayChoice.GATEWAY_VARIABLE
                    + "). Default: that of the current context, else localhost:9000.")
    private @Nullable GatewayAddress address;

    @Option(
            names = "--context",
            paramLabel = "CONTEXT",
            description = "The gateway of that name in config.toml (or set " + GatewayChoice.CONTEXT_VARIABLE
                    + "). See tidegate context --help.")
    private @Nullable String context;

    private @Nullable GatewayContext resolved;

    /** Opens a connection for questions that somebody waits for: a wrong address is told within ten seconds. */
    GatewayConnection connect() {
        return open(RetryPolicy.BRIEF);
    }

    /** Opens a connection for work that outlives the restart of a gateway. */
    GatewayConnection connectPatiently() {
        return open(RetryPolicy.PATIENT);
    }

    /** Opens a connection for what goes on until somebody ends it, however long a gateway is away. */
    GatewayConnection connectForGood() {
        return open(RetryPolicy.ENDLESS);
    }

    private GatewayConnection open(RetryPolicy policy) {
        return GatewayConnection.open(address(), credentials(), policy, this::tellWaiting);
    }

    private void tellWaiting(String sentence) {
        PrintWriter err = command.commandLine().getErr();
        err.println(ProgressDisplay.clearLine() + "tidegate: " + Printable.line(sentence));
        err.flush();
    }

    /** Where the gateway is. */
    GatewayAddress address() {
        return resolved().address();
    }

    /** As whom it is called. */
    Credentials credentials() {
        return resolved().credentials();
    }

    private GatewayContext resolved() {
        GatewayContext known = resolved;
        if (known == null) {
            known = resolve();
            resolved = known;
        }
        return known;
    }

    private GatewayContext resolve() {
        try {
            return GatewayChoice.of(
                    find(options -> options.address),
                    find(options -> options.context),
                    System.getenv(),
                    ClientConfig.defaultFile());
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(command.commandLine(), refused.getMessage(), refused);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** An option may stand before the subcommand or after it. */
    private <T> Optional<T> find(Function<GatewayOptions, @Nullable T> option) {
        for (CommandSpec each = command; each != null; each = each.parent()) {
            CommandSpec mixin = each.mixins().get("gateway");
            if (mixin != null && mixin.userObject() instanceof GatewayOptions options) {
                T value = option.apply(options);
                if (value != null) {
                    return Optional.of(value);
                }
            }
        }
        return Optional.empty();
    }
}
