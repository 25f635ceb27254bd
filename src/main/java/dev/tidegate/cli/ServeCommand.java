package dev.tidegate.cli;

import dev.tidegate.gateway.boot.ExternalDatabase;
import dev.tidegate.gateway.boot.Gateway;
import dev.tidegate.gateway.boot.LogFormat;
import dev.tidegate.gateway.boot.ServeOptions;
import dev.tidegate.home.UserDirectory;
import dev.tidegate.postgres.DatabasePassword;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code tidegate serve}: the only one that starts Quarkus. */
@Command(
        name = "serve",
        description = "Runs a gateway until it is told to end (SIGTERM, SIGINT).",
        footer = {
            "",
            "Without @|yellow --database-url|@ the gateway brings its own PostgreSQL, in the data",
            "directory.",
            "The exit code after SIGTERM is 143, after SIGINT 130.",
            "",
            "Examples:",
            "  tidegate serve",
            "  tidegate serve --data-dir /var/lib/tidegate --listen 0.0.0.0",
            "  tidegate serve --database-url postgresql://tidegate@db.example.com/tidegate \\",
            "      --database-password-file /etc/tidegate/database.password",
        })
final class ServeCommand implements Callable<Integer> {

    private static final String PASSWORD_VARIABLE = "TIDEGATE_DATABASE_PASSWORD";

    @Spec
    private CommandSpec spec;

    @Mixin
    private CommonOptions common;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Holds everything that the gateway keeps on this machine. Default:"
                    + " $XDG_DATA_HOME/tidegate or ~/.local/share/tidegate.")
    private @Nullable Path dataDirectory;

    @Option(
            names = "--database-url",
            paramLabel = "URL",
            description = "Uses the PostgreSQL (15 or later) at postgresql://user@host:port/database.")
    private @Nullable String databaseUrl;

    @Option(
            names = "--database-password-file",
            paramLabel = "FILE",
            description = "Its first line is the password for --database-url. Default: the environment variable "
                    + PASSWORD_VARIABLE + ".")
    private @Nullable Path databasePasswordFile;

    @Option(
            names = "--listen",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "The address to listen on; 0.0.0.0 for all. Default: ${DEFAULT-VALUE}.")
    private String listen;

    @Option(
            names = "--grpc-port",
            paramLabel = "PORT",
            defaultValue = "" + ServeOptions.DEFAULT_GRPC_PORT,
            description = "The port for agents and workstations; 0 for any. Default: ${DEFAULT-VALUE}.")
    private int grpcPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "" + ServeOptions.DEFAULT_HTTP_PORT,
            description = "The port for /v1/snapshots, health and metrics; 0 for any. Default: ${DEFAULT-VALUE}.")
    private int httpPort;

    @Option(
            names = "--ready-file",
            paramLabel = "FILE",
            description = "Written, as JSON with the ports, when the gateway accepts connections.")
    private @Nullable Path readyFile;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "How the log on stderr is written: text or json. Default: ${DEFAULT-VALUE}.")
    private LogFormat logFormat;

    @Override
    public Integer call() {
        if (databasePasswordFile != null && databaseUrl == null) {
            throw new ParameterException(
                    spec.commandLine(), "--database-password-file is for the database of --database-url: give both.");
        }
        ServeOptions options = new ServeOptions(
                Optional.ofNullable(dataDirectory).orElseGet(UserDirectory.DATA::path),
                Optional.ofNullable(databaseUrl).map(url -> ExternalDatabase.parse(url, password())),
                listen,
                grpcPort,
                httpPort,
                Optional.ofNullable(readyFile).map(Path::toAbsolutePath),
                logFormat);
        PrintWriter out = spec.commandLine().getOut();
        return Gateway.run(options, listening -> {
            out.println(listening);
            out.flush();
        });
    }

    private Optional<DatabasePassword> password() {
        try {
            return password(Optional.ofNullable(databasePasswordFile), System.getenv());
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(spec.commandLine(), Failure.sentence(refused), refused);
        }
    }

    /**
     * The password in the first line of {@code file}, or in the environment where no file is named.
     *
     * @throws IllegalArgumentException with a sentence if there is none where one should be
     */
    static Optional<DatabasePassword> password(Optional<Path> file, Map<String, String> environment) {
        if (file.isEmpty()) {
            return Optional.ofNullable(environment.get(PASSWORD_VARIABLE))
                    .filter(value -> !value.isEmpty())
                    .map(value -> password(PASSWORD_VARIABLE, value));
        }
        try {
            String line = Files.readString(file.get()).lines().findFirst().orElse("");
            return Optional.of(password(file.get().toString(), line));
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "--database-password-file: " + Failure.of(unreadable).message(), unreadable);
        }
    }

    private static DatabasePassword password(String source, String value) {
        try {
            return DatabasePassword.of(value);
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(source + " holds no password: " + refused.getMessage(), refused);
        }
    }
}
