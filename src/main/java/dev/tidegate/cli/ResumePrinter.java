package dev.tidegate.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidegate.client.ArtifactTypes;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.Resumes;
import dev.tidegate.terminal.Table;
import dev.tidegate.v1.CreateExperimentRequest;
import dev.tidegate.v1.CreateExperimentResponse;
import dev.tidegate.v1.ErrorReason;
import dev.tidegate.v1.Experiment;
import dev.tidegate.v1.ResolvedInput;
import dev.tidegate.v1.Resume;
import dev.tidegate.v1.ResumeCollision;
import dev.tidegate.v1.ResumeInput;
import dev.tidegate.v1.ResumeRules;
import dev.tidegate.v1.ResumeWarning;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;

/** Prints plans and reports of resumes as they come, for people or as JSON. */
final class ResumePrinter {

    private ResumePrinter() {}

    /** Prints a plan, and returns what it comes to. */
    static Resume plan(
            GatewayConnection connection, List<ResumeInput> inputs, ResumeRules rules, Output out, boolean json)
            throws IOException {
        return plan(connection, inputs, rules, false, out, json);
    }

    private static Resume plan(
            GatewayConnection connection,
            List<ResumeInput> inputs,
            ResumeRules rules,
            boolean create,
            Output out,
            boolean json)
            throws IOException {
        if (!json) {
            Text text = new Text(out);
            Resume result = connection.resumes().plan(inputs, rules, text);
            text.finish(result);
            out.line(ResumeText.verdict(result, create));
            return result;
        }
        Resume[] result = new Resume[1];
        out.json(generator -> result[0] = writePlan(generator, connection, inputs, rules));
        return result[0];
    }

    private static Resume writePlan(
            JsonGenerator json, GatewayConnection connection, List<ResumeInput> inputs, ResumeRules rules)
            throws IOException {
        Resume result = connection.resumes().plan(inputs, rules, new JsonPlan(json));
        json.writeEndArray();
        ResumeJson.totals(json, result);
        return result;
    }

    /** Creates an experiment with inputs and prints it; or what stands in the way. Returns the exit code. */
    static int create(GatewayConnection connection, CreateExperimentRequest request, Output out, boolean json)
            throws IOException {
        CreateExperimentResponse created;
        try {
            created = connection.experiments().create(request);
        } catch (GatewayException refused) {
            if (refused.reason() != ErrorReason.ERROR_REASON_RESUME_COLLISIONS) {
                throw refused;
            }
            plan(connection, request.getInputsList(), request.getRules(), true, out, json);
            return ExitCodes.COLLIDED;
        }
        Experiment experiment = created.getExperiment();
        if (json) {
            out.json(generator -> {
                generator.writeObjectFieldStart("experiment");
                Json.experiment(generator, experiment);
                generator.writeEndObject();
                writeReport(generator, connection, created.getResume());
            });
        } else {
            out.lines(ExperimentText.lines(experiment));
            out.line("");
            printReport(out, connection, created.getResume());
        }
        return ExitCodes.DONE;
    }

    /** Prints what an experiment started from. */
    static void show(GatewayConnection connection, String experiment, Output out, boolean json) throws IOException {
        Resume resume = connection.resumes().get(experiment);
        if (json) {
            out.json(generator -> writeReport(generator, connection, resume));
        } else {
            printReport(out, connection, resume);
        }
    }

    private static void printReport(Output out, GatewayConnection connection, Resume resume) throws IOException {
        Text text = new Text(out);
        report(connection, resume, text);
        text.finish(resume);
    }

    private static void writeReport(JsonGenerator json, GatewayConnection connection, Resume resume)
            throws IOException {
        report(connection, resume, new JsonPlan(json));
        json.writeEndArray();
        ResumeJson.totals(json, resume);
    }

    private static void report(GatewayConnection connection, Resume resume, Resumes.Plan target) throws IOException {
        String experiment = resume.getExperimentId();
        target.inputs(resume.getInputsList());
        Iterator<ResumeCollision> collisions =
                new Pages<>(page -> connection.resumes().collisions(experiment, Pages.SIZE, page));
        while (collisions.hasNext()) {
            target.collision(collisions.next());
        }
        Iterator<ResumeWarning> warnings =
                new Pages<>(page -> connection.resumes().warnings(experiment, Pages.SIZE, page));
        while (warnings.hasNext()) {
            target.warning(warnings.next());
        }
    }

    /** The members {@code inputs} and {@code findings}, the second of which is left open. */
    private static final class JsonPlan implements Resumes.Plan {

        private final JsonGenerator json;

        JsonPlan(JsonGenerator json) {
            this.json = json;
        }

        @Override
        public void inputs(List<ResolvedInput> inputs) throws IOException {
            json.writeArrayFieldStart("inputs");
            for (ResolvedInput input : inputs) {
                json.writeStartObject();
                ResumeJson.input(json, input);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("findings");
        }

        @Override
        public void collision(ResumeCollision collision) throws IOException {
            json.writeStartObject();
            ResumeJson.collision(json, collision);
            json.writeEndObject();
        }

        @Override
        public void warning(ResumeWarning warning) throws IOException {
            json.writeStartObject();
            ResumeJson.warning(json, warning);
            json.writeEndObject();
        }
    }

    /** Tables, printed when they are long enough to hold them no longer. */
    private static final class Text implements Resumes.Plan {

        /** The rows that have one width of columns. */
        private static final int ROWS = 500;

        private final Output out;
        private List<ResolvedInput> inputs = List.of();
        private Table table = collisions();
        private int rows;
        private boolean headed;

        Text(Output out) {
            this.out = out;
        }

        private static Table collisions() {
            return new Table()
                    .left("COLLISION")
                    .left("PATH")
                    .left("KEPT")
                    .left("OTHER")
                    .left("WHICH IS");
        }

        @Override
        public void inputs(List<ResolvedInput> resolved) throws IOException {
            inputs = resolved;
            Table all = new Table()
                    .left("INPUT")
                    .left("SNAPSHOT")
                    .left("CREATED")
                    .left("HOLDS")
                    .left("TAKEN");
            for (ResolvedInput input : resolved) {
                all.row(
                        input.getExperimentName() + "/" + ArtifactTypes.name(input.getType()),
                        input.getArtifactId() + "@" + input.getSnapshot(),
                        Times.text(Json.instant(input.getCreateTime())),
                        PushReportPrinter.tree(input.getStatistics()),
                        ResumeText.taken(input));
            }
            out.lines(all.lines());
        }

        @Override
        public void collision(ResumeCollision collision) throws IOException {
            table.row(
                    ResumeText.kind(collision.getKind()),
                    ArtifactTypes.name(collision.getType()) + "/" + collision.getPath(),
                    ResumeText.side(collision.getKept(), inputs),
                    ResumeText.side(collision.getOther(), inputs),
                    ResumeText.outcome(collision));
            rows++;
            if (rows == ROWS) {
                flush();
            }
        }

        @Override
        public void warning(ResumeWarning warning) throws IOException {
            flush();
            out.line(ResumeText.warning(warning));
        }

        void finish(Resume result) throws IOException {
            flush();
            out.line("");
            out.line(ResumeText.totals(result));
        }

        private void flush() throws IOException {
            if (rows == 0) {
                return;
            }
            List<String> lines = table.lines();
            if (!headed) {
                out.line("");
            }
            out.lines(headed ? lines.subList(1, lines.size()) : lines);
            headed = true;
            table = collisions();
            rows = 0;
        }
    }
}
