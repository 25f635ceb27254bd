package dev.tidegate.cli;

import dev.tidegate.client.ArtifactTypes;
import dev.tidegate.terminal.Printable;
import dev.tidegate.terminal.Table;
import dev.tidegate.v1.Artifact;
import dev.tidegate.v1.Experiment;
import java.util.ArrayList;
import java.util.List;

/** An experiment as people read it. */
final class ExperimentText {

    private ExperimentText() {}

    static List<String> lines(Experiment experiment) {
        List<String> lines = new ArrayList<>();
        lines.add("experiment  " + Printable.line(experiment.getName()));
        lines.add("id          " + experiment.getId());
        lines.add("created     " + Times.text(Json.instant(experiment.getCreateTime())));
        lines.add("");
        Table artifacts = new Table().left("ARTIFACT").left("ID").right("NEWEST SNAPSHOT");
        for (Artifact artifact : experiment.getArtifactsList()) {
            artifacts.row(
                    experiment.getName() + "/" + ArtifactTypes.name(artifact.getType()),
                    artifact.getId(),
                    artifact.getLatestSnapshot() == 0 ? "none yet" : Long.toString(artifact.getLatestSnapshot()));
        }
        lines.addAll(artifacts.lines());
        return lines;
    }
}
