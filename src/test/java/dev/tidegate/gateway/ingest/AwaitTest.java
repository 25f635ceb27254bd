package dev.tidegate.gateway.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.catalog.Experiment;
import dev.tidegate.catalog.Experiments;
import dev.tidegate.catalog.Page;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.testing.PostgresTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(PostgresTestResource.class)
class AwaitTest {

    private static final Duration SHORT = Duration.ofMillis(100);

    @Inject
    Pool pool;

    @Inject
    Experiments experiments;

    @Test
    void returnsWhatThereIs() {
        assertThat(Await.result(() -> pool.query("SELECT 7").execute())
                        .iterator()
                        .next()
                        .getInteger(0))
                .isEqualTo(7);
        Object nothing = Await.<@Nullable Object>result(() -> Uni.createFrom().nullItem());
        assertThat(nothing).isNull();
    }

    @Test
    void throwsWhatItFailedWith() {
        IllegalArgumentException failure = new IllegalArgumentException("no");
        IOException checked = new IOException("no");

        assertThatThrownBy(() -> Await.result(() -> Uni.createFrom().failure(failure)))
                .isSameAs(failure);
        assertThatThrownBy(() -> Await.result(() -> {
                    throw failure;
                }))
                .isSameAs(failure);
        assertThatThrownBy(() -> Await.result(() -> Uni.createFrom().failure(checked)))
                .hasRootCause(checked);
    }

    @Test
    void whatIsGivenUpGivesItsConnectionBackInTheEnd() {
        // Given a table that somebody keeps from everybody else
        SqlConnection locker = pool.getConnectionAndAwait();
        Transaction transaction = locker.beginAndAwait();
        locker.query("LOCK TABLE experiment IN ACCESS EXCLUSIVE MODE").executeAndAwait();

        // When more give up than there are connections
        for (int i = 0; i < 25; i++) {
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> Await.result(this::experiments, SHORT, Duration.ofMinutes(1)));
        }
        transaction.rollbackAndAwait();
        locker.closeAndAwait();

        // Then
        assertThat(Await.result(this::experiments).items()).isEmpty();
    }

    private Uni<Page<Experiment>> experiments() {
        return experiments.list(new OrganisationId(new UUID(0, 0)), 1, "");
    }

    @Test
    void givesUpWhatDoesNotAnswer() {
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> Await.result(() -> Uni.createFrom().nothing(), SHORT, Duration.ofMinutes(1)));
    }

    @Test
    void givesUpAnEventLoopThatStandsStill() {
        CountDownLatch moving = new CountDownLatch(1);
        try {
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> Await.result(
                            () -> {
                                try {
                                    moving.await();
                                } catch (InterruptedException ended) {
                                    Thread.currentThread().interrupt();
                                }
                                return Uni.createFrom().nullItem();
                            },
                            SHORT,
                            SHORT));
        } finally {
            moving.countDown();
        }
    }
}
