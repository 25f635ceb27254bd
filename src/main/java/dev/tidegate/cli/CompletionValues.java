package dev.tidegate.cli;

import dev.tidegate.client.ArtifactTypes;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.config.ClientConfig;
import dev.tidegate.config.ConfigException;
import dev.tidegate.config.GatewayChoice;
import dev.tidegate.config.GatewayContext;
import dev.tidegate.v1.Experiment;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** What a parameter may be, from how the help calls it. Whatever fails yields nothing: nobody wants to read it then. */
final class CompletionValues {

    /** The newest; whoever has more types some of the name. */
    private static final int LISTED = 200;

    private final List<String> words;

    /** Of a command line, which may name the gateway. */
    CompletionValues(List<String> words) {
        this.words = words;
    }

    List<String> of(String label, String prefix) {
        try {
            return switch (label) {
                case "EXPERIMENT" -> experiments(prefix);
                case "ARTIFACT",
                        "EXPERIMENT|ARTIFACT",
                        "SNAPSHOT|ARTIFACT",
                        "SNAPSHOT|ARTIFACT|EXPERIMENT",
                        "SNAPSHOT",
                        "SNAPSHOT[:PATH]",
                        "BEFORE",
                        "AFTER",
                        "INPUT" -> snapshots(label, prefix);
                case "TYPE" ->
                    ArtifactTypes.NAMES.stream()
                            .filter(type -> type.startsWith(prefix))
                            .toList();
                case "CONTEXT" ->
                    ClientConfig.read(ClientConfig.defaultFile()).contexts().keySet().stream()
                            .filter(name -> name.startsWith(prefix))
                            .toList();
                case "DIR", "DEST", "FILE", "DIRECTORY" -> List.of(Completion.FILES);
                // A PATH is one in a snapshot.
                default -> List.of();
            };
        } catch (GatewayException | ConfigException | IllegalArgumentException | IOException nothing) {
            return List.of();
        }
    }

    private List<String> experiments(String prefix) throws IOException {
        try (GatewayConnection connection = connect()) {
            return names(connection, prefix);
        }
    }

    private List<String> snapshots(String label, String prefix) throws IOException {
        try (GatewayConnection connection = connect()) {
            int at = prefix.indexOf('@');
            if (at >= 0 && !label.equals("ARTIFACT")) {
                return selections(connection, prefix.substring(0, at), prefix);
            }
            int slash = prefix.indexOf('/');
            List<String> lines = new ArrayList<>();
            if (label.contains("EXPERIMENT") || label.equals("INPUT")) {
                lines.addAll(names(connection, prefix));
            }
            for (String name : slash < 0 ? names(connection, prefix) : List.of(prefix.substring(0, slash))) {
                for (String type : ArtifactTypes.NAMES) {
                    if ((name + "/" + type).startsWith(prefix)) {
                        lines.add(name + "/" + type);
                    }
                }
            }
            return lines;
        }
    }

    private static List<String> names(GatewayConnection connection, String prefix) {
        TreeSet<String> names = new TreeSet<>();
        for (Experiment experiment :
                connection.experiments().list(LISTED, Optional.empty()).items()) {
            names.add(experiment.getName());
        }
        return names.stream().filter(name -> name.startsWith(prefix)).toList();
    }

    /** Labels and numbers, the newest first. */
    private static List<String> selections(GatewayConnection connection, String artifact, String prefix) {
        List<String> labels = new ArrayList<>();
        List<String> numbers = new ArrayList<>();
        for (Snapshot snapshot :
                connection.snapshots().list(artifact, LISTED, Optional.empty()).items()) {
            String time = Times.text(Json.instant(snapshot.getCreateTime()));
            snapshot.getLabelsList()
                    .forEach(label -> labels.add(
                            artifact + "@" + label + "\t" + "snapshot " + snapshot.getNumber() + ", " + time));
            numbers.add(artifact + "@" + snapshot.getNumber() + "\t" + time);
        }
        labels.addAll(numbers);
        return labels.stream().filter(line -> line.startsWith(prefix)).toList();
    }

    /** To the gateway that the words name, or that would be used: for a question that is worth a second. */
    private GatewayConnection connect() throws IOException {
        GatewayContext gateway = GatewayChoice.of(
                option("--gateway").map(GatewayAddress::parse),
                option("--context"),
                System.getenv(),
                ClientConfig.defaultFile());
        return GatewayConnection.open(
                gateway.address(), gateway.credentials(), RetryPolicy.ofLimit(Duration.ofSeconds(1)));
    }

    private Optional<String> option(String name) {
        for (int i = 0; i < words.size() - 1; i++) {
            if (words.get(i).equals(name) && i + 1 < words.size() - 1) {
                return Optional.of(words.get(i + 1));
            }
            if (words.get(i).startsWith(name + "=")) {
                return Optional.of(words.get(i).substring(name.length() + 1));
            }
        }
        return Optional.empty();
    }
}
