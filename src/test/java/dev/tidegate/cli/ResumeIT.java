package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidegate.testing.TidegateCommandLine;
import dev.tidegate.testing.TidegateCommandLine.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Experiments that start from others, as a user makes them, on a gateway as a process of its own. All tests share it, and two
 * experiments that ran under agents, {@code first} and {@code second}, and one that was pushed, {@code pushed}.
 *
 * <p>Long, because all tests start from what these have left, which takes longer to make than most of them run.
 */
final class ResumeIT extends CommandTests {

    /** A job that goes on from the newest checkpoint, if there is one, up to step {@code $2}; it is called {@code $1}. */
    private static final String JOB = """
            last="$OUTPUT_PATH/model.latest_checkpoint"
            step=0
            if [ -L "$last" ]; then
              read -r from step < "$last/weights" || exit 9
              echo "$1 goes on from $from $step in $(readlink "$last")"
            fi
            while [ "$step" -lt "$2" ]; do
              step=$((step + 1))
              mkdir "$OUTPUT_PATH/model_checkpoint_$step" || exit 8
              echo "$1 $step" > "$OUTPUT_PATH/model_checkpoint_$step/weights"
              ln -sfn "$OUTPUT_PATH/model_checkpoint_$step" "$last"
              echo "$1 did step $step"
            done
            echo "name: $1" > "$OUTPUT_PATH/config.yaml"
            echo "loss of $1" > "$LOSSY_ARTIFACT_PATH/metrics"
            echo "$1" > "$LOSSY_ARTIFACT_PATH/$1.csv"
            """;

    @BeforeAll
    static void runTwoExperimentsAndPushAnother() throws IOException {
        TidegateCommandLine tidegate = commands(shared);
        for (String[] run : new String[][] {{"first", "2"}, {"second", "3"}}) {
            assertThat(tidegate.run("experiment", "create", run[0]).code()).isZero();
            Result ran = train(tidegate, shared.resolve("node-" + run[0]), run[0], run[1]);
            assertThat(ran.code()).as(ran.err()).isZero();
        }
        for (String empty : List.of("pushed", "empty")) {
            assertThat(tidegate.run("experiment", "create", empty).code()).isZero();
        }
        Path tree = shared.resolve("tree");
        Files.createDirectories(tree.resolve("data"));
        Files.writeString(tree.resolve("common.txt"), "one");
        Files.writeString(tree.resolve("data/a.bin"), "a");
        Files.writeString(tree.resolve("data/b.txt"), "b");
        push(tidegate, tree, "--label", "base");
        Files.writeString(tree.resolve("common.txt"), "two, longer");
        Files.writeString(tree.resolve("new.txt"), "new");
        push(tidegate, tree);
    }

    private static void push(TidegateCommandLine tidegate, Path tree, String... options) {
        List<Object> command = new ArrayList<>(List.of("push", tree, "--artifact", "pushed/checkpoints"));
        command.addAll(List.of(options));
        assertThat(tidegate.run(command.toArray()).code()).isZero();
    }

    private static Result train(TidegateCommandLine tidegate, Path node, String experiment, String steps) {
        return tidegate.run(
                "agent",
                "run",
                "--experiment",
                experiment,
                "--work-dir",
                node,
                "--",
                "sh",
                "-c",
                JOB,
                "job",
                experiment,
                steps);
    }

    @Test
    void aThirdExperimentGoesOnWhereTheLastOfTwoHasEnded() {
        // Given what the two have
        List<JsonNode> before = snapshotsOfInputs();

        // When a third is made of both, and its job is started on another node
        Result created = tidegate.run("resume", "create", "third", "first", "second", "--policy", "last-wins");
        assertThat(created.code()).as(created.err()).isZero();
        Path node = directory.resolve("node");
        Result ran = train(tidegate, node, "third", "4");

        // Then it goes on from the last of the second run, by a pointer that is valid there
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out())
                .isEqualTo("third goes on from second 3 in " + node.toAbsolutePath()
                        + "/checkpoints/model_checkpoint_3\nthird did step 4\n");

        // And all of its checkpoints are of one line, and nothing that only one of them had is lost
        assertThat(contents("third/checkpoints"))
                .isEqualTo(Map.of(
                        "config.yaml", "name: third\n",
                        "model.latest_checkpoint", "-> model_checkpoint_4",
                        "model_checkpoint_1/weights", "second 1\n",
                        "model_checkpoint_2/weights", "second 2\n",
                        "model_checkpoint_3/weights", "second 3\n",
                        "model_checkpoint_4/weights", "third 4\n"));
        assertThat(contents("third/lossy"))
                .isEqualTo(Map.of(
                        "metrics", "loss of third\n",
                        "first.csv", "first\n",
                        "second.csv", "second\n",
                        "third.csv", "third\n"));

        // And its log follows that of the run that it goes on from
        assertThat(tidegate.run("cat", "third/logs:rank_0.txt").out())
                .isEqualTo("second did step 1\nsecond did step 2\nsecond did step 3\n" + ran.out());

        // And the two are as they were
        assertThat(snapshotsOfInputs()).isEqualTo(before);
        assertThat(contents("first/checkpoints"))
                .isEqualTo(Map.of(
                        "config.yaml", "name: first\n",
                        "model.latest_checkpoint", "-> model_checkpoint_2",
                        "model_checkpoint_1/weights", "first 1\n",
                        "model_checkpoint_2/weights", "first 2\n"));
        assertThat(contents("second/lossy")).isEqualTo(Map.of("metrics", "loss of second\n", "second.csv", "second\n"));
    }

    @Test
    void bothRunsCanBeKeptAndEachPointerLeadsToItsOwn() {
        // Given
        String second = artifact("second", "checkpoints");

        // When
        Result created = tidegate.run("resume", "create", "both", "first", "second", "--policy", "keep-both");
        Result ran = tidegate.run(
                "agent",
                "run",
                "--experiment",
                "both",
                "--work-dir",
                directory.resolve("node"),
                "--",
                "sh",
                "-c",
                "cd \"$OUTPUT_PATH\"; cat model.latest_checkpoint/weights model~" + second
                        + ".latest_checkpoint/weights; ls; cat config~*");

        // Then
        assertThat(created.code()).as(created.err()).isZero();
        assertThat(created.out()).contains("kept as model~" + second + ".latest_checkpoint");
        assertThat(ran.out().lines())
                .containsExactlyInAnyOrder(
                        "first 2",
                        "second 3",
                        "config.yaml",
                        "config~" + second + ".yaml",
                        "model.latest_checkpoint",
                        "model_checkpoint_1",
                        "model_checkpoint_2",
                        "model~" + second + ".latest_checkpoint",
                        "model~" + second + "_checkpoint_1",
                        "model~" + second + "_checkpoint_2",
                        "model~" + second + "_checkpoint_3",
                        "name: second");
    }

    @Test
    void aPlanAndARejectedResumeListTheSameCollisionsAndCreateNothing() {
        // Given two experiments that have run
        // When
        Result plan = tidegate.run("resume", "plan", "first", "second");
        Result refused = tidegate.run("resume", "create", "refused", "first", "second");
        Result json = tidegate.run("resume", "plan", "first", "second", "--output", "json");
        Result refusedJson = tidegate.run("resume", "create", "refused", "first", "second", "--output", "json");
        Result shown = tidegate.run("experiment", "show", "refused", "--output", "json");

        // Then they say so on a terminal
        assertThat(plan.code()).isEqualTo(3);
        assertThat(plan.err()).isEmpty();
        assertThat(squeezed(plan.out()))
                .contains("first/checkpoints", "second/lossy", "4 collisions (", "3 content", "1 checkpoint")
                .contains("4 collisions are rejected", "--policy first-wins, last-wins or keep-both")
                .contains("checkpoint checkpoints/model.latest_checkpoint first@1 (-> ")
                .contains("content checkpoints/config.yaml first@1 (12 B")
                .contains("content logs/rank_0.txt", "content lossy/metrics", "REJECTED")
                .doesNotContain("model_checkpoint_1/weights");
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.out())
                .isEqualTo(plan.out().replace("Nothing would be created: ", "Nothing was created: "))
                .isNotEqualTo(plan.out());

        // And to programs
        assertThat(json.code()).isEqualTo(3);
        assertThat(refusedJson.code()).isEqualTo(3);
        assertThat(refusedJson.json()).isEqualTo(json.json());
        JsonNode object = json.json();
        assertKeys(object, "inputs findings artifacts collisions rejected warnings");
        assertThat(object.at("/rejected").asInt()).isEqualTo(4);
        assertThat(object.at("/collisions").toString()).isEqualTo("{\"content\":3,\"directory_unit\":1}");
        assertThat(object.at("/inputs")).hasSize(6);
        assertKeys(
                object.at("/inputs/0"),
                "type artifact_id snapshot experiment_id experiment create_time files bytes under include exclude");
        assertThat(object.at("/inputs").findValuesAsText("experiment"))
                .containsExactly("first", "second", "first", "second", "first", "second");

        // And each collision has both sides
        JsonNode unit = finding(object, "model.latest_checkpoint");
        assertKeys(unit, "finding type path kind policy kept other");
        assertThat(unit.at("/finding").asText()).isEqualTo("collision");
        assertThat(unit.at("/type").asText()).isEqualTo("checkpoints");
        assertThat(unit.at("/kind").asText()).isEqualTo("directory_unit");
        assertThat(unit.at("/policy").asText()).isEqualTo("reject");
        assertKeys(unit.at("/kept"), "artifact_id snapshot path type target");
        assertThat(unit.at("/kept/artifact_id").asText()).isEqualTo(artifact("first", "checkpoints"));
        assertThat(unit.at("/kept/target").asText()).endsWith("model_checkpoint_2");
        assertThat(unit.at("/other/target").asText()).endsWith("model_checkpoint_3");
        JsonNode config = finding(object, "config.yaml");
        assertKeys(config.at("/kept"), "artifact_id snapshot path type mode size mtime digest");
        assertThat(config.at("/kept/size").asInt()).isEqualTo(12);
        assertThat(config.at("/other/size").asInt()).isEqualTo(13);
        assertThat(config.at("/kept/digest").asText())
                .hasSize(64)
                .isNotEqualTo(config.at("/other/digest").asText());

        // And there is no such experiment
        assertThat(shown.code()).isEqualTo(1);
        assertThat(shown.jsonError().at("/reason").asText()).isEqualTo("EXPERIMENT_NOT_FOUND");
    }

    @Test
    void whatWasDecidedIsKeptWithTheExperiment() {
        // Given a policy for some paths, and another one for the rest
        Object[] rest = {
            "first",
            "second",
            "--policy",
            "first-wins",
            "--policy",
            "metrics=keep-both",
            "--policy",
            "none/**=reject",
            "--output",
            "json"
        };

        // When
        Result plan = tidegate.run(with(rest, "resume", "plan"));
        Result created = tidegate.run(with(rest, "resume", "create", "decided"));
        Result shown = tidegate.run("resume", "show", "decided", "--output", "json");
        Result text = tidegate.run("resume", "show", "decided");
        Result experiment = tidegate.run("experiment", "show", "decided");

        // Then the plan, the report and what is shown later are the same
        assertThat(plan.code()).isZero();
        assertThat(created.code()).as(created.err()).isZero();
        assertThat(shown.json().at("/findings")).isEqualTo(plan.json().at("/findings"));
        assertThat(created.json().at("/findings")).isEqualTo(plan.json().at("/findings"));
        assertThat(shown.json().at("/inputs")).isEqualTo(plan.json().at("/inputs"));
        assertThat(shown.json().at("/collisions")).isEqualTo(plan.json().at("/collisions"));
        assertKeys(created.json(), "experiment inputs findings artifacts collisions rejected warnings");

        // And say what was chosen where
        JsonNode metrics = finding(shown.json(), "metrics");
        assertThat(metrics.at("/policy").asText()).isEqualTo("keep-both");
        assertThat(metrics.at("/other_kept_as").asText()).isEqualTo("metrics~" + artifact("second", "lossy"));
        assertThat(finding(shown.json(), "config.yaml").at("/policy").asText()).isEqualTo("first-wins");
        assertThat(shown.json().at("/rejected").asInt()).isZero();

        // And that one of the policies decides nothing
        assertThat(shown.json().at("/warnings").asInt()).isEqualTo(1);
        JsonNode warning = shown.json().at("/findings").get(4);
        assertKeys(warning, "finding kind path message");
        assertThat(warning.at("/kind").asText()).isEqualTo("policy_unused");
        assertThat(warning.at("/message").asText()).contains("none/**");

        // And the new artifacts are told with what they hold
        JsonNode artifact = shown.json().at("/artifacts/0");
        assertKeys(artifact, "type id inputs files bytes");
        assertThat(artifact.at("/id").asText()).isEqualTo(artifact("decided", "checkpoints"));
        assertThat(artifact.at("/inputs").asInt()).isEqualTo(2);
        assertThat(artifact.at("/files").asInt()).isEqualTo(3);

        // And people read the same
        assertThat(squeezed(text.out()))
                .contains("kept as metrics~" + artifact("second", "lossy"), "left out", "4 collisions", "1 warning")
                .contains("warning: the policy for none/**");
        assertThat(experiment.out()).contains("It started from others: tidegate resume show exp_");
        assertThat(tidegate.run("resume", "show", "first", "--output", "json")
                        .jsonError()
                        .at("/reason")
                        .asText())
                .isEqualTo("RESUME_NOT_FOUND");
    }

    @Test
    void aKeyMakesOneExperimentAndStandsForItsInputs() {
        // Given
        Object[] command = {"resume", "create", "keyed", "first", "--key", "job 1", "--output", "json"};

        // When
        Result once = tidegate.run(command);
        Result again = tidegate.run(command);
        Result others = tidegate.run("resume", "create", "keyed", "second", "--key", "job 1", "--output", "json");
        Result policy = tidegate.run(
                "resume", "create", "keyed", "first", "--key", "job 1", "--policy", "last-wins", "--output", "json");

        // Then
        assertThat(once.code()).as(once.err()).isZero();
        assertThat(again.json()).isEqualTo(once.json());
        assertThat(others.code()).isEqualTo(1);
        assertThat(others.jsonError().at("/reason").asText()).isEqualTo("IDEMPOTENCY_KEY_REUSED");
        assertThat(policy.jsonError().at("/reason").asText()).isEqualTo("IDEMPOTENCY_KEY_REUSED");
        assertThat(tidegate.run("experiment", "show", "keyed").code()).isZero();
    }

    @Test
    void anInputIsNamedAtASnapshotInPartAndAtAPlace() {
        // Given two snapshots, one of them with a label, and when it was taken
        String one = tidegate.run("snapshots", "pushed/checkpoints", "--output", "json")
                .json()
                .at("/snapshots/1/create_time")
                .asText();

        // When
        Result created = tidegate.run(
                "resume",
                "create",
                "named",
                "number=pushed/checkpoints@1",
                "label=pushed@base",
                "time=pushed@" + one,
                "newest/deep=pushed",
                "part=pushed/checkpoints:data/*.txt",
                "before=pushed/checkpoints@" + one + ":common.txt");

        // Then
        assertThat(created.code()).as(created.err()).isZero();
        Map<String, String> expected = new TreeMap<>(Map.of(
                "newest/deep/common.txt", "two, longer",
                "newest/deep/data/a.bin", "a",
                "newest/deep/data/b.txt", "b",
                "newest/deep/new.txt", "new",
                "part/data/b.txt", "b",
                "before/common.txt", "one"));
        for (String base : List.of("number", "label", "time")) {
            expected.put(base + "/common.txt", "one");
            expected.put(base + "/data/a.bin", "a");
            expected.put(base + "/data/b.txt", "b");
        }
        assertThat(contents("named/checkpoints")).isEqualTo(expected);
        assertThat(squeezed(created.out())).contains("under newest/deep/", "only data/*.txt; under part/");
    }

    @Test
    void patternsForAllInputsTakeAPartOfEach() {
        // Given
        // When
        Result created = tidegate.run(
                "resume",
                "create",
                "filtered",
                "pushed/checkpoints@1",
                "two=pushed",
                "--include",
                "data",
                "--include",
                "*.txt",
                "--exclude",
                "**/b.*",
                "--output",
                "json");

        // Then
        assertThat(created.code()).as(created.err()).isZero();
        assertThat(contents("filtered/checkpoints"))
                .isEqualTo(Map.of(
                        "common.txt", "one",
                        "data/a.bin", "a",
                        "two/common.txt", "two, longer",
                        "two/data/a.bin", "a",
                        "two/new.txt", "new"));
        assertThat(created.json().at("/inputs/0/include").toString()).isEqualTo("[\"data\",\"*.txt\"]");
        assertThat(created.json().at("/inputs/0/exclude").toString()).isEqualTo("[\"**/b.*\"]");
        assertThat(created.json().at("/inputs/1/under").asText()).isEqualTo("two");
    }

    @Test
    void whatCollidesAsAWholeIsChosen() {
        // Given
        Object[] inputs = {"first/checkpoints", "second/checkpoints", "--policy", "first-wins", "--output", "json"};

        // When
        Result byFile = tidegate.run(with(inputs, "resume", "plan", "--unit", "file"));
        Result byRule =
                tidegate.run(with(inputs, "resume", "plan", "--pointer", "config.yaml:model_checkpoint_{number}"));

        // Then each file, or what the rule says, is on its own
        assertThat(paths(byFile))
                .containsExactly(
                        "config.yaml",
                        "model.latest_checkpoint",
                        "model_checkpoint_1/weights",
                        "model_checkpoint_2/weights");
        assertThat(finding(byFile.json(), "model.latest_checkpoint").at("/kind").asText())
                .isEqualTo("link_target");
        assertThat(byFile.json().at("/artifacts/0/files").asInt()).isEqualTo(4);
        assertThat(paths(byRule)).containsExactly("config.yaml", "model.latest_checkpoint");
        assertThat(finding(byRule.json(), "config.yaml").at("/kind").asText()).isEqualTo("directory_unit");
    }

    @Test
    void aPatternThatMatchesNothingIsWarnedOf() {
        // Given
        // When
        Result plan = tidegate.run("resume", "plan", "pushed", "first/checkpoints:nothing/**", "--output", "json");
        Result text = tidegate.run("resume", "plan", "pushed", "--policy", "nothing/**=first-wins");

        // Then
        assertThat(plan.code()).isZero();
        assertThat(plan.json().at("/findings")).hasSize(1);
        assertThat(plan.json().at("/findings/0/kind").asText()).isEqualTo("input_empty");
        assertThat(plan.json().at("/findings/0/message").asText())
                .contains("nothing of ", artifact("first", "checkpoints"));
        assertThat(plan.json().at("/warnings").asInt()).isEqualTo(1);
        assertThat(text.code()).isZero();
        assertThat(text.out())
                .contains("warning: the policy for nothing/** decides nothing", "no collisions, 1 warning")
                .contains("Nothing stands in the way");
    }

    @Test
    void aLaunchFileIsObeyedAndKept() throws IOException {
        // Given a launch file with an artifact and an experiment, and a key that nobody knows
        String text = """
                # goes on from first
                isc_project_id = "prj_1"
                experiment_name = "launched"
                gpus = 16
                compute_mode = "cycle"
                dataset_id_list = ["dts_1"]
                input_artifact_id_list = [
                  "%s",
                  "%s",
                ]
                restarts = 7
                command = "torchrun train.py"
                """.formatted(
                artifact("first", "checkpoints"), experiment("pushed").at("/id").asText());
        Path file = Files.writeString(directory.resolve("run.isc"), text);

        // When
        Result created = tidegate.run("experiment", "create", "--launch-file", file, "--output", "json");
        Result shown = tidegate.run("experiment", "show", "launched");
        Result again = tidegate.run("experiment", "create", "renamed", "--launch-file", file);

        // Then
        assertThat(created.code()).isZero();
        assertThat(created.err())
                .isEqualTo("tidegate: warning: " + file + ":11: the key restarts is kept, but nothing here obeys it\n");
        assertThat(created.json().at("/experiment/name").asText()).isEqualTo("launched");
        assertThat(created.json().at("/inputs").findValuesAsText("experiment")).containsExactly("first", "pushed");
        assertThat(contents("launched/checkpoints"))
                .hasSize(8)
                .containsEntry("model_checkpoint_2/weights", "first 2\n")
                .containsEntry("common.txt", "two, longer");

        // And it is shown as it is
        assertThat(experiment("launched").at("/launch_file").asText()).isEqualTo(text);
        assertThat(shown.out()).contains("launch file:\n  # goes on from first\n", "  restarts = 7\n");

        // And a name on the command line counts more than that in the file
        assertThat(again.code()).isZero();
        assertThat(again.out()).contains("renamed/checkpoints");
    }

    @Test
    void aLaunchFileWhoseInputsCollideCreatesNothingWithoutAPolicy() throws IOException {
        // Given
        Path file = Files.writeString(directory.resolve("run.isc"), """
                experiment_name = "colliding"
                input_artifact_id_list = ["%s", "%s"]
                """.formatted(
                        experiment("first").at("/id").asText(),
                        experiment("second").at("/id").asText()));

        // When
        Result rejected = tidegate.run("experiment", "create", "--launch-file", file);
        Result absent = tidegate.run("experiment", "show", "colliding");
        Result chosen = tidegate.run("experiment", "create", "--launch-file", file, "--policy", "last-wins");

        // Then
        assertThat(rejected.code()).isEqualTo(3);
        assertThat(rejected.out()).contains("checkpoints/model.latest_checkpoint", "REJECTED");
        assertThat(absent.code()).isEqualTo(1);
        assertThat(chosen.code()).isZero();
        assertThat(tidegate.run("cat", "colliding/checkpoints:model_checkpoint_3/weights")
                        .out())
                .isEqualTo("second 3\n");
    }

    @Test
    void aLaunchFileThatCannotBeObeyedIsToldWithItsLine() throws IOException {
        // Given files that are wrong
        Path type = Files.writeString(
                directory.resolve("type.isc"), "experiment_name = \"wrong\"\n\ngpus = \"sixteen\"\nfuture = 1\n");
        Path toml = Files.writeString(directory.resolve("toml.isc"), "experiment_name = \"wrong\"\ngpus = = 1\n");
        Path nameless = Files.writeString(directory.resolve("nameless.isc"), "gpus = 1\n");
        Path unknown = Files.writeString(
                directory.resolve("unknown.isc"),
                "experiment_name = \"wrong\"\ninput_artifact_id_list = [\"art_00000000000000000000000000\"]\n");
        Path absent = directory.resolve("absent.isc");

        // When
        Result wrongType = tidegate.run("experiment", "create", "--launch-file", type);
        Result json = tidegate.run("experiment", "create", "--launch-file", type, "--output", "json");
        Result noToml = tidegate.run("experiment", "create", "--launch-file", toml);
        Result noName = tidegate.run("experiment", "create", "--launch-file", nameless);
        Result noInput = tidegate.run("experiment", "create", "--launch-file", unknown);
        Result noFile = tidegate.run("experiment", "create", "--launch-file", absent);
        Result shown = tidegate.run("experiment", "show", "wrong");

        // Then
        assertThat(wrongType.code()).isEqualTo(1);
        assertThat(wrongType.err()).isEqualTo("tidegate: " + type + ":3: gpus is a whole number, this is not\n");
        assertThat(json.jsonError().at("/reason").asText()).isEqualTo("LAUNCH_FILE_INVALID");
        assertThat(json.jsonError().at("/metadata/path").asText()).isEqualTo(type.toString());
        assertThat(noToml.code()).isEqualTo(1);
        assertThat(noToml.err())
                .startsWith("tidegate: " + toml + ":2: this is no TOML: ")
                .hasLineCount(1);
        assertThat(noName.code()).isEqualTo(2);
        assertThat(noName.err()).contains("Which name?");
        assertThat(noInput.code()).isEqualTo(1);
        assertThat(noInput.err()).contains("art_00000000000000000000000000").hasLineCount(1);
        assertThat(noFile.code()).isEqualTo(1);
        assertThat(noFile.err()).isEqualTo("tidegate: " + absent + " does not exist\n");
        assertThat(shown.code()).isEqualTo(1);
    }

    /** A command that cannot succeed, and what it is told. */
    private record Refusal(String inputs, String reason, List<String> sentence) {
        static Refusal of(String inputs, String reason, String... sentence) {
            return new Refusal(inputs, reason, List.of(sentence));
        }
    }

    @Test
    void whatCannotBeResumedIsRefusedInOneSentenceAndNothingIsCreated() {
        // Given
        List<Refusal> refusals = List.of(
                Refusal.of("nobody", "EXPERIMENT_NOT_FOUND", "nobody"),
                Refusal.of("first nobody/checkpoints", "EXPERIMENT_NOT_FOUND", "nobody"),
                Refusal.of("exp_00000000000000000000000000", "EXPERIMENT_NOT_FOUND", "exp_0000"),
                Refusal.of("art_00000000000000000000000000", "ARTIFACT_NOT_FOUND", "art_0000"),
                Refusal.of("empty", "SNAPSHOT_NOT_FOUND", "empty", "nothing to start from"),
                Refusal.of("first empty/logs", "SNAPSHOT_NOT_FOUND", artifact("empty", "logs")),
                Refusal.of("first/checkpoints@77", "SNAPSHOT_NOT_FOUND", "77"),
                Refusal.of("first@nolabel", "SNAPSHOT_NOT_FOUND", "first"),
                Refusal.of("first/logs@2020-01-01T00:00:00Z", "SNAPSHOT_NOT_FOUND", "2020"),
                Refusal.of("first@1", "INVALID_ARGUMENT", "first", "experiment with four"),
                Refusal.of("first first", "RESUME_INPUT_REPEATED", "first", "twice"),
                Refusal.of("first/checkpoints second first", "RESUME_INPUT_REPEATED", "first", "twice"),
                Refusal.of("pushed pushed/checkpoints@2", "RESUME_INPUT_REPEATED", "twice"),
                Refusal.of("../up=first", "INVALID_ARGUMENT", "../up", "\"..\""),
                Refusal.of("a/../b=first", "INVALID_ARGUMENT", "a/../b"),
                Refusal.of("/abs=first", "INVALID_ARGUMENT", "/abs"),
                Refusal.of("first:../x", "INVALID_ARGUMENT", "../x"),
                Refusal.of("first --policy /a=first-wins", "INVALID_ARGUMENT", "/a"));
        SoftAssertions softly = new SoftAssertions();
        for (Refusal refusal : refusals) {

            // When
            Object[] rest = (refusal.inputs() + " --output json").split(" ");
            Result refused = tidegate.run(with(rest, "resume", "create", "never"));

            // Then
            int code = refusal.reason().equals("INVALID_ARGUMENT") ? 2 : 1;
            softly.assertThat(refused.code()).as(refusal.inputs()).isEqualTo(code);
            softly.assertThat(refused.out()).as(refusal.inputs()).isEmpty();
            softly.assertThat(refused.jsonError().at("/reason").asText())
                    .as(refusal.inputs() + ": " + refused.err())
                    .isEqualTo(refusal.reason());
            softly.assertThat(refused.jsonError().at("/message").asText())
                    .contains(refusal.sentence())
                    .doesNotContain("Exception");
        }
        softly.assertThat(tidegate.run("experiment", "list", "--output", "json").out())
                .contains("\"pushed\"")
                .doesNotContain("\"never\"");
        softly.assertAll();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resume",
                "resume plan",
                "resume create name",
                "resume plan llama:",
                "resume plan llama@0",
                "resume plan llama@2026-11-23T10:00:00",
                "resume plan a/b/c",
                "resume plan llama --policy never",
                "resume plan llama --policy a=never",
                "resume plan llama --policy first-wins --policy last-wins",
                "resume plan llama --unit directory",
                "resume plan llama --unit file --shards .metadata:x",
                "resume plan llama --pointer latest",
                "resume show",
            })
    void refusesACommandLineThatIsWrong(String line) {
        // Given a command line
        // When
        Result result = tidegate.run((Object[]) line.split(" "));

        // Then
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("tidegate: ").doesNotContain("Exception");
    }

    private List<JsonNode> snapshotsOfInputs() {
        return Stream.of("first", "second")
                .flatMap(name -> Stream.of("checkpoints", "logs", "lossy").map(type -> name + "/" + type))
                .map(artifact ->
                        tidegate.run("snapshots", artifact, "--output", "json").json())
                .toList();
    }

    /** The files of an artifact with what is in them, and its links with the last name that each leads to. */
    private Map<String, String> contents(String artifact) {
        Path target = directory.resolve("pulled-" + artifact.replace('/', '-'));
        Result pulled = tidegate.run("pull", artifact, target);
        assertThat(pulled.code()).as(pulled.err()).isZero();
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(target)) {
            for (Path file : files.toList()) {
                String name = target.relativize(file).toString();
                if (Files.isSymbolicLink(file)) {
                    assertThat(file).as("leads to something").exists();
                    contents.put(name, "-> " + Files.readSymbolicLink(file).getFileName());
                } else if (Files.isRegularFile(file)) {
                    contents.put(name, Files.readString(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return contents;
    }

    private JsonNode experiment(String name) {
        return tidegate.run("experiment", "show", name, "--output", "json").json();
    }

    private String artifact(String experiment, String type) {
        for (JsonNode artifact : experiment(experiment).at("/artifacts")) {
            if (artifact.at("/type").asText().equals(type)) {
                return artifact.at("/id").asText();
            }
        }
        throw new AssertionError("no " + type + " in " + experiment);
    }

    private static JsonNode finding(JsonNode report, String path) {
        for (JsonNode finding : report.at("/findings")) {
            if (finding.at("/path").asText().equals(path)) {
                return finding;
            }
        }
        throw new AssertionError("nothing about " + path + " in " + report);
    }

    private static List<String> paths(Result report) {
        assertThat(report.code()).as(report.err()).isZero();
        return report.json().at("/findings").findValuesAsText("path").stream()
                .distinct()
                .sorted()
                .toList();
    }

    private static void assertKeys(JsonNode object, String keys) {
        assertThat(object.fieldNames()).toIterable().containsExactlyInAnyOrder(keys.split(" "));
    }

    private static Object[] with(Object[] rest, Object... before) {
        return Stream.concat(Arrays.stream(before), Arrays.stream(rest)).toArray();
    }

    /** A table without the widths of its columns. */
    private static String squeezed(String table) {
        return table.replaceAll(" +", " ");
    }
}
