package dev.tidegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.smallrye.mutiny.CompositeException;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import jakarta.persistence.PersistenceException;
import java.sql.SQLException;
import java.util.concurrent.CompletionException;
import org.hibernate.HibernateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(strings = {"55P03", "25P03", "57P01"})
    void aDatabaseThatGivesUpWaitingIsAway(String sqlState) {
        PgException gaveUp = new PgException("no", "ERROR", sqlState, "");
        StatusRuntimeException told = Failures.toStatus(
                new PersistenceException(new HibernateException("no", new SQLException("no", sqlState, gaveUp))));

        assertThat(Failures.told(Failures.toStatus(gaveUp)).reason()).isEqualTo("DATABASE_UNAVAILABLE");
        assertThat(told.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(Failures.told(told).reason()).isEqualTo("DATABASE_UNAVAILABLE");
    }
}
