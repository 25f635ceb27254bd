package dev.tidegate.catalog;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the pool, as Quarkus would, and remembers how: what is no work for a pool, such as listening, has connections of
 * its own, with all that is set for those of the pool.
 */
@ApplicationScoped
class DatabaseConnector implements PgPoolCreator {

    /** Written once, when the pool is made. */
    private volatile @Nullable Input input;

    @Override
    public Pool create(Input given) {
        this.input = given;
        return PgBuilder.pool()
                .with(given.poolOptions())
                .connectingTo(new ArrayList<SqlConnectOptions>(given.pgConnectOptionsList()))
                .using(given.vertx())
                .build();
    }

    /**
     * Opens a connection outside the pool. Blocks. Whoever asks for it closes it; one that comes when nobody waits for it any
     * more is closed then.
     *
     * @param name what the database's lists of connections call it
     * @param attempt counted from 0; where there are several servers, they are tried in turn
     * @param limit how long it is waited for
     * @throws java.util.concurrent.CompletionException of what it failed with
     * @throws java.util.concurrent.CancellationException if the thread was interrupted
     */
    PgConnection connect(String name, int attempt, Duration limit) {
        Future<PgConnection> connecting = connect(name, attempt);
        try {
            return UsageTable.await(connecting, limit);
        } catch (RuntimeException gaveUp) {
            connecting.onSuccess(PgConnection::close);
            throw gaveUp;
        }
    }

    private Future<PgConnection> connect(String name, int attempt) {
        Input made = input;
        if (made == null) {
            return Future.failedFuture(new IllegalStateException("there is no pool yet"));
        }
        Vertx vertx = made.vertx();
        List<PgConnectOptions> servers = made.pgConnectOptionsList();
        PgConnectOptions server = new PgConnectOptions(servers.get(attempt % servers.size()));
        server.setTcpKeepAlive(true);
        server.addProperty("application_name", name);
        return PgConnection.connect(vertx, server);
    }
}
