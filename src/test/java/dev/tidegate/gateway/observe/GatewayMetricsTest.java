package dev.tidegate.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bounds of histograms are those that alerts compare with: between two bounds Prometheus can only guess. */
final class GatewayMetricsTest {

    private static final Path RULES = Path.of("deploy/prometheus/tidegate.rules.yaml");
    private static final Path RULES_TEST = Path.of("deploy/prometheus/tidegate.rules.test.yaml");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @ParameterizedTest
    @ValueSource(strings = {"ack", "publish"})
    void alertsCompareWithBounds(String name) throws IOException {
        assertThat(found(RULES, "tidegate_" + name + "_seconds_bucket.*> ([0-9.]+)"))
                .isNotEmpty()
                .isSubsetOf(bounds(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ack", "publish"})
    void theTestsOfAlertsHaveBucketsThatAGatewayHas(String name) throws IOException {
        assertThat(found(RULES_TEST, "tidegate_" + name + "_seconds_bucket\\{.*le=\"([0-9.]+)\""))
                .isNotEmpty()
                .isSubsetOf(bounds(name));
    }

    private List<Double> bounds(String name) {
        new GatewayMetrics(registry);
        Timer timer = registry.get("tidegate." + name).timer();
        return Stream.of(timer.takeSnapshot().histogramCounts())
                .map(bucket -> bucket.bucket(TimeUnit.SECONDS))
                .toList();
    }

    private static List<Double> found(Path file, String pattern) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(file))
                .results()
                .map(result -> Double.valueOf(result.group(1)))
                .toList();
    }
}
