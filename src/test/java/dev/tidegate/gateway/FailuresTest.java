package dev.tidegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.smallrye.mutiny.CompositeException;
import io.vertx.core.Future;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Failures of the database's client, which have no types of their own. */
class FailuresTest {

    @Test
    void aPoolThatIsClosedIsThatOfAGatewayThatStops() {
        StatusRuntimeException told = Failures.toStatus(new CompositeException(
                Future.failedFuture("Pool closed").cause(), new IllegalArgumentException("no session to close")));

        assertThat(told.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(Failures.told(told).reason()).isEqualTo("SHUTTING_DOWN");
    }

    @Test
    void aPoolWithoutAConnectionToSpareIsTheDatabaseAway() {
        StatusRuntimeException told = Failures.toStatus(
                new CompletionException(Future.failedFuture("Timeout").cause()));

        assertThat(told.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(Failures.told(told).reason()).isEqualTo("DATABASE_UNAVAILABLE");
    }
}
