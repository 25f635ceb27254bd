package dev.tidegate.agent.run;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** A status in the text format of Prometheus, for the textfile collector of its node exporter. */
final class Metrics {

    private record Metric(String name, String help, ToDoubleFunction<ArtifactStatus> value) {}

    private static final List<Metric> METRICS = List.of(
            new Metric("bytes_behind", "Bytes to be read of files that are not safe yet.", ArtifactStatus::bytesBehind),
            new Metric("files_behind", "Files that are not safe yet.", ArtifactStatus::filesBehind),
            new Metric("lag_seconds", "How old what is safe is; 0 if all is safe.", ArtifactStatus::secondsBehind),
            new Metric(
                    "last_snapshot_number",
                    "The last snapshot that a push came to.",
                    each -> each.snapshot()
                            .map(ArtifactStatus.LastSnapshot::number)
                            .orElse(0L)),
            new Metric(
                    "last_snapshot_timestamp_seconds",
                    "All that was written before is safe; 0 while that is not known of any time.",
                    each -> each.safeTime()
                            .map(time -> time.toEpochMilli() / 1000.0)
                            .orElse(0.0)),
            new Metric(
                    "failing",
                    "1 if the last cycle failed or left something out.",
                    each -> each.error().isEmpty() ? 0 : 1));

    private Metrics() {}

    static String text(AgentStatus status) {
        StringBuilder text = new StringBuilder();
        for (Metric metric : METRICS) {
            String name = "tidegate_agent_" + metric.name;
            text.append("# HELP ").append(name).append(' ').append(metric.help).append('\n');
            text.append("# TYPE ").append(name).append(" gauge\n");
            for (ArtifactStatus artifact : status.artifacts()) {
                text.append(String.format(
                        Locale.ROOT,
                        "%s{experiment=\"%s\",rank=\"%d\",type=\"%s\"} %s%n",
                        name,
                        status.experiment(),
                        status.rank(),
                        artifact.artifact().type(),
                        number(metric.value.applyAsDouble(artifact))));
            }
        }
        return text.toString();
    }

    /** Whole numbers without a fraction. */
    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
