package dev.tidegate.catalog;

import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Hears of the snapshots that all gateways publish, over one connection that listens (PostgreSQL's {@code LISTEN}). The
 * database announces a snapshot when it is committed, and only to those who listen then: so after each connection the
 * {@link Listener} is told that it may have missed something.
 *
 * <p>The connection is asked for a sign of life now and then, for one that was cut without a word is as silent as one that
 * has nothing to tell.
 */
@ApplicationScoped
public class Announcements {

    /** As the migration V5 names it. */
    static final String CHANNEL = "tidegate_snapshot";

    /** How an operator finds the connection in {@code pg_stat_activity}. */
    static final String NAME = "tidegate announcements";

    private static final Logger LOG = Logger.getLogger(Announcements.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration PING_INTERVAL = Duration.ofSeconds(20);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final DatabaseConnector connector;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile @Nullable Thread thread;

    Announcements(DatabaseConnector connector) {
        this.connector = connector;
    }

    /** Is told what is heard, on threads that must not be held up. */
    public interface Listener {
        /** An artifact has a new snapshot. The same one may be told of several times, and several at once. */
        void published(ArtifactId artifact);

        /** From now on nothing is missed; before, everything may have been. */
        void listening();
    }

    /** Listens until {@link #stop}; called once. */
    public void start(Listener listener) {
        thread = Thread.ofPlatform().daemon().name("snapshot-announcements").start(() -> run(listener));
    }

    /** Ends the listening. */
    public void stop() {
        stopped.countDown();
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    private void run(Listener listener) {
        int attempt = 0;
        try {
            while (stopped.getCount() > 0) {
                int made = attempt;
                attempt++;
                try (Connection connection = new Connection(connector.connect(NAME, made, LIMIT), listener)) {
                    await(connection.listen());
                    attempt = 0;
                    listener.listening();
                    connection.awaitEnd(stopped);
                    if (stopped.getCount() == 0) {
                        return;
                    }
                    LOG.warn("the connection that hears of new snapshots has ended; a new one is made");
                } catch (ExecutionException | TimeoutException | RuntimeException failure) {
                    // Once for each outage: the next line is that it has ended.
                    LOG.logf(
                            attempt <= 1 && stopped.getCount() > 0 ? Logger.Level.WARN : Logger.Level.DEBUG,
                            failure,
                            "new snapshots cannot be heard of now; it is tried again");
                }
                stopped.await(pause(attempt).toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration pause(int attempt) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempt, 10));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    private static <T> T await(Future<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.toCompletionStage().toCompletableFuture().get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** One connection that listens. */
    private static final class Connection implements AutoCloseable {

        private final PgConnection postgres;
        private final CountDownLatch ended = new CountDownLatch(1);

        private Connection(PgConnection postgres, Listener listener) {
            this.postgres = postgres;
            postgres.closeHandler(_ -> ended.countDown());
            // Whatever it is, the connection closes after it.
            postgres.exceptionHandler(failure -> LOG.debugf(failure, "the connection that hears of snapshots failed"));
            postgres.notificationHandler(
                    notification -> listener.published(new ArtifactId(UUID.fromString(notification.getPayload()))));
        }

        private Future<?> listen() {
            return postgres.query("LISTEN " + CHANNEL).execute();
        }

        /** Returns when the connection has closed, or {@code stopped}; throws if it gives no sign of life. */
        private void awaitEnd(CountDownLatch stopped)
                throws InterruptedException, ExecutionException, TimeoutException {
            while (stopped.getCount() > 0 && !ended.await(PING_INTERVAL.toNanos(), TimeUnit.NANOSECONDS)) {
                await(postgres.query("SELECT 1").execute());
            }
        }

        @Override
        public void close() {
            postgres.notificationHandler(_ -> {});
            // Nobody waits for it: one that has been cut never ends.
            Future<Void> _ = postgres.close();
        }
    }
}
