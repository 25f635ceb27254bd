package dev.tidegate.gateway.boot;

import dev.tidegate.postgres.EmbeddedPostgres;
import dev.tidegate.postgres.PostgresException;
import dev.tidegate.postgres.PostgresOptions;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The database that the gateway uses: its own, or somebody else's. */
sealed interface Database extends AutoCloseable {

    /** How to reach it. */
    ExternalDatabase address();

    /** Calls {@code action} with a sentence if the database ends before it is closed, where that can be told. */
    void onUnexpectedEnd(Consumer<String> action);

    @Override
    void close();

    /**
     * Returns a database that accepts connections.
     *
     * @throws BootException if there is none
     */
    static Database open(ServeOptions options, DataDirectory directory) {
        if (options.externalDatabase().isPresent()) {
            options.externalDatabase().get().check();
            return new External(options.externalDatabase().get());
        }
        try {
            return new Embedded(EmbeddedPostgres.start(directory.postgres(), PostgresOptions.DEFAULT));
        } catch (PostgresException e) {
            throw new BootException(e.sentence(), e);
        } catch (IOException e) {
            throw new BootException(
                    "The embedded PostgreSQL in " + directory.postgres() + " cannot be started: " + e + ".", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BootException("The start of the embedded PostgreSQL was interrupted.", e);
        }
    }

    /** A server that this process runs. */
    record Embedded(EmbeddedPostgres server) implements Database {

        @Override
        public ExternalDatabase address() {
            return new ExternalDatabase(
                    server.host(), server.port(), server.database(), server.user(), Optional.of(server.password()));
        }

        @Override
        public void onUnexpectedEnd(Consumer<String> action) {
            CompletableFuture<Void> _ = server.exit()
                    .thenAccept(code -> action.accept("The embedded PostgreSQL has ended by itself,"
                            + " with exit code " + code + "." + server.lastWords()));
        }

        @Override
        public void close() {
            server.close();
        }
    }

    /** A server that somebody else runs. Its failures come and go, and its clients try again. */
    record External(ExternalDatabase address) implements Database {

        @Override
        public void onUnexpectedEnd(Consumer<String> action) {}

        @Override
        public void close() {}
    }
}
