package dev.tidegate.gateway.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.testing.PostgresTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(PostgresTestResource.class)
class AwaitTest {

    private static final Duration SHORT = Duration.ofMillis(100);

    @Inject
    Pool pool;

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
