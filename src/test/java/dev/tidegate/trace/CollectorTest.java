package dev.tidegate.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What OpenTelemetry's variables say. */
final class CollectorTest {

    private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private static final String TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

    @ParameterizedTest
    @CsvSource({
        "OTEL_EXPORTER_OTLP_ENDPOINT, http://localhost:4318, http://localhost:4318/v1/traces",
        "OTEL_EXPORTER_OTLP_ENDPOINT, http://localhost:4318/, http://localhost:4318/v1/traces",
        "OTEL_EXPORTER_OTLP_ENDPOINT, https://host/otlp, https://host/otlp/v1/traces",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, http://localhost:4318/v1/traces, http://localhost:4318/v1/traces",
    })
    void namesTheAddressThatTakesSpans(String variable, String url, String expected) {
        assertThat(Collector.from(Map.of(variable, url)).orElseThrow().endpoint())
                .hasToString(expected);
    }

    @Test
    void anAddressForTracesGoesBeforeTheGeneralOne() {
        assertThat(Collector.from(Map.of(ENDPOINT, "http://all:1", TRACES_ENDPOINT, "http://traces:1/v1/traces"))
                        .orElseThrow()
                        .base())
                .hasToString("http://traces:1");
    }

    @Test
    void isAbsentUnlessItIsNamedAndNotTurnedOff() {
        assertThat(Collector.from(Map.of())).isEmpty();
        assertThat(Collector.from(Map.of(ENDPOINT, ""))).isEmpty();
        assertThat(Collector.from(Map.of(ENDPOINT, "http://localhost:1", "OTEL_SDK_DISABLED", "true")))
                .isEmpty();
        assertThat(Collector.from(Map.of(ENDPOINT, "http://localhost:1", "OTEL_TRACES_EXPORTER", "none")))
                .isEmpty();
        assertThat(Collector.from(Map.of(ENDPOINT, "http://localhost:1", "OTEL_TRACES_EXPORTER", "console, otlp")))
                .isPresent();
    }

    @Test
    void headersAreDecodedAndNotPrinted() {
        Collector collector = Collector.from(Map.of(
                        ENDPOINT,
                        "http://localhost:1",
                        "OTEL_EXPORTER_OTLP_HEADERS",
                        "authorization=Bearer%20a+b%2C, x-tenant=one",
                        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
                        "x-tenant=two"))
                .orElseThrow();
        assertThat(collector.headers()).isEqualTo(Map.of("authorization", "Bearer a+b,", "x-tenant", "two"));
        assertThat(collector.toString()).doesNotContain("Bearer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:4318",
                "ftp://localhost",
                "http://",
                "http://user:secret@host",
                "http://a b",
                "http://h?q=1"
            })
    void anAddressThatIsNoneIsRefused(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Collector.from(Map.of(ENDPOINT, url)))
                .withMessageContaining(ENDPOINT)
                .withMessageNotContaining("secret");
    }

    @Test
    void whatCannotBeUsedIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Collector.from(Map.of(TRACES_ENDPOINT, "http://localhost:4318?key=secret")))
                .withMessageContaining(TRACES_ENDPOINT)
                .withMessageContaining("end in /v1/traces")
                .withMessageNotContaining("secret");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Collector.from(
                        Map.of(ENDPOINT, "http://localhost:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")))
                .withMessageContaining("OTEL_EXPORTER_OTLP_PROTOCOL is grpc");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Collector.from(Map.of(ENDPOINT, "http://localhost:1", "OTEL_EXPORTER_OTLP_HEADERS", "secret")))
                .withMessageContaining("OTEL_EXPORTER_OTLP_HEADERS")
                .withMessageNotContaining("secret");
    }
}
