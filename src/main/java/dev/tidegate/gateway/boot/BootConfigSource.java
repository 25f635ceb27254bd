package dev.tidegate.gateway.boot;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * What the command line decided, for Quarkus to read. System properties would do as well, but every tool that lists a
 * process' properties would then show the database's password.
 */
public final class BootConfigSource implements ConfigSource {

    /** Above the environment and system properties: an option that was given must not be overruled silently. */
    private static final int ORDINAL = 500;

    private static volatile Map<String, String> values = Map.of();

    /** Called by the configuration, which finds this class by {@code META-INF/services}. */
    public BootConfigSource() {}

    /** Takes settings as they stand: the configuration, which would expand expressions in them, is kept from it. */
    static void set(Map<String, String> newValues) {
        Map<String, String> verbatim = new HashMap<>();
        newValues.forEach((name, value) -> verbatim.put(name, value.replace("$", "\\$")));
        values = Map.copyOf(verbatim);
    }

    /** The settings that follow from options, a directory and a database. */
    static Map<String, String> settings(
            ServeOptions options, DataDirectory directory, ExternalDatabase database, Map<String, String> traces) {
        Map<String, String> settings = new HashMap<>(traces);
        settings.put("quarkus.http.host", options.listen());
        settings.put("quarkus.http.port", Integer.toString(options.httpPort()));
        settings.put("quarkus.grpc.server.host", options.listen());
        settings.put("quarkus.grpc.server.port", Integer.toString(options.grpcPort()));
        settings.put("quarkus.datasource.jdbc.url", database.jdbcUrl());
        settings.put("quarkus.datasource.reactive.url", database.reactiveUrl());
        settings.put("quarkus.datasource.username", database.user());
        database.password().ifPresent(password -> settings.put("quarkus.datasource.password", password.reveal()));
        settings.put("quarkus.log.console.json.enabled", Boolean.toString(options.logFormat() == LogFormat.JSON));
        settings.put("tidegate.store.directory", directory.packs().toString());
        return settings;
    }

    @Override
    public int getOrdinal() {
        return ORDINAL;
    }

    @Override
    public Set<String> getPropertyNames() {
        return values.keySet();
    }

    @Override
    public @Nullable String getValue(String name) {
        return values.get(name);
    }

    @Override
    public String getName() {
        return "the options of tidegate serve";
    }
}
