package dev.tidegate.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidegate.deploy.Tool.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Alert rules and dashboard: that Prometheus and Grafana take them, and that they ask for metrics that exist. */
class MonitoringTest {

    private static final Path PROMETHEUS = Path.of("deploy/prometheus");
    private static final Path RULES = PROMETHEUS.resolve("tidegate.rules.yaml");
    private static final Path DASHBOARD = Path.of("deploy/grafana/tidegate.json");
    private static final Path DOCUMENTED = Path.of("docs/operations.md");

    private static final Pattern METRIC =
            Pattern.compile("\\b(tidegate|grpc|sql|vertx|agroal|http|jvm|process|system|hikaricp)_\\w+");

    /** A row of the table of metrics. */
    private static final Pattern SHARED = Pattern.compile("(?m)^\\| `(\\w+)[^|]*\\| [a-z]+, shared \\|");

    /** What Prometheus makes of one histogram or summary. */
    private static final Pattern SERIES_OF_A_DISTRIBUTION = Pattern.compile("_(bucket|sum|count)$");

    @Test
    void prometheusTakesTheRules() throws IOException, InterruptedException {
        Result result = Tool.find("promtool").run(PROMETHEUS, "check", "rules", "tidegate.rules.yaml");

        assertThat(result.code()).as(result.output()).isZero();
    }

    @Test
    void theRulesAlertWhenTheyShould() throws IOException, InterruptedException {
        Result result = Tool.find("promtool").run(PROMETHEUS, "test", "rules", "tidegate.rules.test.yaml");

        assertThat(result.code()).as(result.output()).isZero();
    }

    /** Each alert says how bad it is and what it means, and has a test that sees it alert. */
    @Test
    void everyAlertIsExplainedAndTested() throws IOException {
        List<JsonNode> alerts = new ArrayList<>();
        Documents.yaml(RULES).at("/groups").forEach(group -> group.path("rules").forEach(alerts::add));
        Set<String> alerting = new TreeSet<>();
        Documents.yaml(PROMETHEUS.resolve("tidegate.rules.test.yaml"))
                .path("tests")
                .forEach(test -> test.path("alert_rule_test").forEach(expected -> {
                    if (!expected.path("exp_alerts").isEmpty()) {
                        alerting.add(expected.path("alertname").asText());
                    }
                }));

        assertThat(alerts).isNotEmpty().allSatisfy(alert -> {
            assertThat(alert.at("/labels/severity").asText()).isIn("warning", "critical");
            assertThat(alert.at("/annotations/summary").asText()).isNotEmpty();
            assertThat(alerting).contains(alert.path("alert").asText());
        });
    }

    @Test
    void everyMetricIsDocumented() throws IOException {
        // Given what rules and panels ask for
        Set<String> asked = new TreeSet<>();
        List<String> expressions = new ArrayList<>(Documents.yaml(RULES).findValuesAsText("expr"));
        expressions.addAll(Documents.json(DASHBOARD).findValuesAsText("expr"));
        Documents.json(DASHBOARD)
                .at("/templating/list")
                .forEach(variable -> expressions.add(variable.at("/query/query").asText()));
        expressions.forEach(
                expression -> METRIC.matcher(expression).results().forEach(metric -> asked.add(metric.group())));
        assertThat(asked).hasSizeGreaterThan(10);

        // Then the table has all of it
        Set<String> documented = new TreeSet<>();
        METRIC.matcher(Files.readString(DOCUMENTED)).results().forEach(metric -> documented.add(metric.group()));
        assertThat(asked)
                .allSatisfy(metric -> assertThat(documented)
                        .containsAnyOf(
                                metric, SERIES_OF_A_DISTRIBUTION.matcher(metric).replaceFirst("")));
    }

    /** Every gateway of a database tells the same of them. */
    @Test
    void noSharedMetricIsSummed() throws IOException {
        // Given
        List<String> shared = SHARED.matcher(Files.readString(DOCUMENTED))
                .results()
                .map(row -> row.group(1))
                .toList();
        assertThat(shared).hasSizeGreaterThan(3);

        // Then
        assertThat(Documents.json(DASHBOARD).findValuesAsText("expr"))
                .isNotEmpty()
                .allSatisfy(expression -> shared.forEach(metric -> assertThat(expression)
                        .doesNotContainPattern("sum *(by *\\([a-z]+\\) *)?\\(([a-z]+\\()?" + metric + "\\b")));
    }

    @Test
    void ratiosAreThoseOfTheDocuments() throws IOException {
        String documents = Files.readString(DOCUMENTED);

        List<String> titles = new ArrayList<>();
        Documents.json(DASHBOARD).path("panels").forEach(panel -> {
            if (Set.of("Deduplication", "Compression")
                    .contains(panel.path("title").asText())) {
                titles.add(panel.path("title").asText());
                assertThat(documents)
                        .contains(panel.at("/targets/0/expr")
                                .asText()
                                .replace("job=~\"$job\", instance=~\"$instance\", ", ""));
            }
        });
        assertThat(titles).hasSize(2);
    }

    @Test
    void theDashboardRunsAnywhere() throws IOException {
        JsonNode dashboard = Documents.json(DASHBOARD);

        // It takes whatever data source its user chooses, and the ids that Grafana gives
        assertThat(dashboard.path("id").isNull()).isTrue();
        assertThat(dashboard.has("uid")).isFalse();
        assertThat(dashboard.at("/templating/list").findValuesAsText("name")).contains("datasource");
        assertThat(dashboard.findValues("datasource"))
                .isNotEmpty()
                .allSatisfy(source -> assertThat(source.path("uid").asText()).isEqualTo("${datasource}"));
        Set<Integer> ids = new TreeSet<>();
        dashboard.path("panels").forEach(panel -> {
            assertThat(ids.add(panel.path("id").asInt())).as(panel.toString()).isTrue();
            assertThat(panel.path("title").asText()).isNotEmpty();
            if (!panel.path("type").asText().equals("row")) {
                assertThat(panel.path("targets")).isNotEmpty().allSatisfy(target -> {
                    assertThat(target.path("expr").asText()).isNotEmpty();
                    assertThat(target.path("refId").asText()).isNotEmpty();
                });
                assertThat(panel.at("/fieldConfig/defaults/unit").asText()).isNotEmpty();
            }
        });
    }

    /** Each panel's queries are PromQL: promtool reads them as rules. */
    @Test
    void prometheusTakesTheQueriesOfTheDashboard() throws IOException, InterruptedException {
        StringBuilder rules = new StringBuilder("groups:\n  - name: panels\n    rules:\n");
        int number = 0;
        for (String expression : Documents.json(DASHBOARD).findValuesAsText("expr")) {
            number++;
            rules.append("      - record: panel_")
                    .append(number)
                    .append("\n        expr: '")
                    .append(expression.replace("$__rate_interval", "5m").replace("'", "''"))
                    .append("'\n");
        }
        Path file = Files.createTempFile("panels", ".yaml");
        try {
            Files.writeString(file, rules);
            Result result = Tool.find("promtool").run(PROMETHEUS, "check", "rules", file.toString());
            assertThat(result.code()).as(result.output()).isZero();
        } finally {
            Files.delete(file);
        }
    }
}
