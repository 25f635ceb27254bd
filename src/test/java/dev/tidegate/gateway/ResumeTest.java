package dev.tidegate.gateway;

import static dev.tidegate.gateway.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.tidegate.v1.Artifact;
import dev.tidegate.v1.ArtifactType;
import dev.tidegate.v1.CollisionUnits;
import dev.tidegate.v1.CreateExperimentRequest;
import dev.tidegate.v1.CreateExperimentResponse;
import dev.tidegate.v1.Cut;
import dev.tidegate.v1.Experiment;
import dev.tidegate.v1.GetArtifactRequest;
import dev.tidegate.v1.GetExperimentRequest;
import dev.tidegate.v1.GetResumeRequest;
import dev.tidegate.v1.ListExperimentsRequest;
import dev.tidegate.v1.ListResumeCollisionsRequest;
import dev.tidegate.v1.ListResumeCollisionsResponse;
import dev.tidegate.v1.ListResumeWarningsRequest;
import dev.tidegate.v1.PathPolicy;
import dev.tidegate.v1.PlanResumeRequest;
import dev.tidegate.v1.PlanResumeResponse;
import dev.tidegate.v1.ResolvedInput;
import dev.tidegate.v1.Resume;
import dev.tidegate.v1.ResumeCollision;
import dev.tidegate.v1.ResumeCollisionKind;
import dev.tidegate.v1.ResumeInput;
import dev.tidegate.v1.ResumePolicy;
import dev.tidegate.v1.ResumeRules;
import dev.tidegate.v1.ResumeWarning;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotSelector;
import io.grpc.Status;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Resumes over the real wire: plans, experiments with inputs, reports, and what is refused. Long, because it is the one list
 * of what the wire promises of them.
 */
@QuarkusTest
class ResumeTest extends WireTests {

    @Inject
    Pool pool;

    /** What a plan has come to. */
    private record Plan(
            List<ResolvedInput> inputs,
            List<ResumeCollision> collisions,
            List<ResumeWarning> warnings,
            Resume result) {}

    private Plan plan(ResumeRules rules, ResumeInput... inputs) {
        List<ResolvedInput> resolved = new ArrayList<>();
        List<ResumeCollision> collisions = new ArrayList<>();
        List<ResumeWarning> warnings = new ArrayList<>();
        List<Resume> results = new ArrayList<>();
        client.resumes()
                .planResume(PlanResumeRequest.newBuilder()
                        .addAllInputs(Arrays.asList(inputs))
                        .setRules(rules)
                        .build())
                .forEachRemaining((PlanResumeResponse response) -> {
                    resolved.addAll(response.getInputsList());
                    collisions.addAll(response.getCollisionsList());
                    warnings.addAll(response.getWarningsList());
                    if (response.hasResult()) {
                        results.add(response.getResult());
                    }
                });
        assertThat(results).hasSize(1);
        return new Plan(resolved, collisions, warnings, results.getFirst());
    }

    private CreateExperimentResponse create(String key, ResumeRules rules, ResumeInput... inputs) {
        return client.experiments()
                .createExperiment(CreateExperimentRequest.newBuilder()
                        .setName("resumed")
                        .setIdempotencyKey(key)
                        .addAllInputs(Arrays.asList(inputs))
                        .setRules(rules)
                        .build());
    }

    private static ResumeRules rules(ResumePolicy policy) {
        return ResumeRules.newBuilder().setPolicy(policy).build();
    }

    private static ResumeInput input(String source) {
        return ResumeInput.newBuilder().setSource(source).build();
    }

    private Experiment experiment() {
        return client.newExperiment("experiment " + UUID.randomUUID());
    }

    private static String artifact(Experiment experiment, ArtifactType type) {
        return experiment.getArtifactsList().stream()
                .filter(artifact -> artifact.getType() == type)
                .map(Artifact::getId)
                .findFirst()
                .orElseThrow();
    }

    private byte[] some() {
        return TestChunks.random(random, 20 + random.nextInt(100));
    }

    private Snapshot newest(String artifact) {
        return client.snapshot(SnapshotSelector.newBuilder().setArtifact(artifact));
    }

    private Map<String, ByteString> files(String artifact) {
        return client.files(newest(artifact).getRoot());
    }

    private static ByteString digest(byte[] content) {
        return TestChunks.digest(content);
    }

    private long count(String table) {
        return pool.query("SELECT count(*) FROM " + table)
                .execute()
                .await()
                .indefinitely()
                .iterator()
                .next()
                .getLong(0);
    }

    @Test
    void anExperimentStartsWithAllOfTwoOthers() {
        // Given two experiments with checkpoints, one of them with logs
        Experiment one = experiment();
        Experiment other = experiment();
        byte[] both = some();
        byte[] first = some();
        byte[] second = some();
        byte[] log = some();
        String checkpoints = artifact(one, ArtifactType.ARTIFACT_TYPE_CHECKPOINTS);
        Snapshot before = client.push(checkpoints, 0, TestChunks.tree(Map.of("both", both, "a/first", first)))
                .getSnapshot();
        client.push(
                artifact(other, ArtifactType.ARTIFACT_TYPE_CHECKPOINTS),
                0,
                TestChunks.tree(Map.of("both", both, "b/second", second)));
        client.push(artifact(other, ArtifactType.ARTIFACT_TYPE_LOGS), 0, TestChunks.tree(Map.of("rank_0.txt", log)));

        // When
        CreateExperimentResponse created =
                create("", ResumeRules.getDefaultInstance(), input(one.getId()), input(other.getName()));

        // Then it holds all of them, in first snapshots, and the inputs are as they were
        Experiment experiment = created.getExperiment();
        assertThat(experiment.getResumed()).isTrue();
        assertThat(files(artifact(experiment, ArtifactType.ARTIFACT_TYPE_CHECKPOINTS)))
                .isEqualTo(Map.of("both", digest(both), "a/first", digest(first), "b/second", digest(second)));
        assertThat(files(artifact(experiment, ArtifactType.ARTIFACT_TYPE_LOGS)))
                .isEqualTo(Map.of("rank_0.txt", digest(log)));
        assertThat(newest(artifact(experiment, ArtifactType.ARTIFACT_TYPE_CHECKPOINTS))
                        .getNumber())
                .isEqualTo(1);
        assertThat(client.experiments()
                        .getArtifact(GetArtifactRequest.newBuilder()
                                .setArtifact(artifact(experiment, ArtifactType.ARTIFACT_TYPE_LOSSY))
                                .build())
                        .getArtifact()
                        .getLatestSnapshot())
                .isZero();
        assertThat(newest(checkpoints)).isEqualTo(before);

        // And the report says so
        Resume resume = created.getResume();
        assertThat(resume.getExperimentId()).isEqualTo(experiment.getId());
        assertThat(resume.getInputsList().stream().map(ResolvedInput::getArtifactId))
                .containsExactly(
                        checkpoints,
                        artifact(other, ArtifactType.ARTIFACT_TYPE_CHECKPOINTS),
                        artifact(other, ArtifactType.ARTIFACT_TYPE_LOGS));
        assertThat(resume.getArtifacts(0).getArtifactId())
                .isEqualTo(artifact(experiment, ArtifactType.ARTIFACT_TYPE_CHECKPOINTS));
        assertThat(resume.getArtifacts(0).getInputs()).isEqualTo(2);
        assertThat(resume.getArtifacts(0).getStatistics().getFiles()).isEqualTo(3);
        assertThat(resume.getCollisionsList()).isEmpty();
        assertThat(client.resumes()
                        .getResume(GetResumeRequest.newBuilder()
                                .setExperiment(experiment.getId())
                                .build())
                        .getResume())
                .isEqualTo(resume);

        // And what is pushed to it lies on what it started with
        client.push(
                artifact(experiment, ArtifactType.ARTIFACT_TYPE_CHECKPOINTS),
                0,
                TestChunks.tree(Map.of("new", some())));
        assertThat(files(artifact(experiment, ArtifactType.ARTIFACT_TYPE_CHECKPOINTS)))
                .containsOnlyKeys("new");
    }

    @Test
    void aPlanWritesNothingAndSaysWhatCreatingWould() {
        // Given
        Experiment one = experiment();
        Experiment other = experiment();
        byte[] first = some();
        byte[] second = some();
        String lossy = artifact(one, ArtifactType.ARTIFACT_TYPE_LOSSY);
        String others = artifact(other, ArtifactType.ARTIFACT_TYPE_LOSSY);
        client.push(lossy, 0, TestChunks.tree(Map.of("x/m.csv", first, "y", some())));
        client.push(others, 0, TestChunks.tree(Map.of("x/m.csv", second, "z", some())));
        long chunks = count("chunk");
        long experiments = count("experiment");
        long lines = count("resume_line");

        // When
        Plan rejected = plan(ResumeRules.getDefaultInstance(), input(lossy), input(others));

        // Then
        assertThat(rejected.collisions()).singleElement().satisfies(collision -> {
            assertThat(collision.getPath()).isEqualTo("x/m.csv");
            assertThat(collision.getType()).isEqualTo(ArtifactType.ARTIFACT_TYPE_LOSSY);
            assertThat(collision.getKind()).isEqualTo(ResumeCollisionKind.RESUME_COLLISION_KIND_CONTENT);
            assertThat(collision.getKept().getArtifactId()).isEqualTo(lossy);
            assertThat(collision.getKept().getSnapshot()).isEqualTo(1);
            assertThat(collision.getKept().getEntry().getDigest()).isEqualTo(digest(first));
            assertThat(collision.getOther().getArtifactId()).isEqualTo(others);
            assertThat(collision.getOther().getEntry().getSize()).isEqualTo(second.length);
        });
        assertThat(rejected.result().getRejected()).isEqualTo(1);
        assertThat(rejected.result().getCollisions(0).getCount()).isEqualTo(1);
        assertRefused(
                () -> create("", ResumeRules.getDefaultInstance(), input(lossy), input(others)),
                Status.Code.FAILED_PRECONDITION,
                "RESUME_COLLISIONS",
                "1 path");
        assertThat(count("chunk")).isEqualTo(chunks);
        assertThat(count("experiment")).isEqualTo(experiments);
        assertThat(count("resume_line")).isEqualTo(lines);

        // When all is kept, then plan and report are the same
        ResumeRules both = rules(ResumePolicy.RESUME_POLICY_KEEP_BOTH);
        Plan accepted = plan(both, input(lossy), input(others));
        Experiment created = create("", both, input(lossy), input(others)).getExperiment();
        String name = "x/m~" + others + ".csv";
        assertThat(accepted.result().getRejected()).isZero();
        assertThat(accepted.collisions().getFirst().getOtherKeptAs()).isEqualTo(name);
        assertThat(files(artifact(created, ArtifactType.ARTIFACT_TYPE_LOSSY)))
                .containsEntry("x/m.csv", digest(first))
                .containsEntry(name, digest(second))
                .hasSize(4);
        assertThat(collisions(created.getId(), 10)).isEqualTo(accepted.collisions());
    }

    private List<ResumeCollision> collisions(String experiment, int pageSize) {
        List<ResumeCollision> all = new ArrayList<>();
        String token = "";
        do {
            ListResumeCollisionsResponse page = client.resumes()
                    .listResumeCollisions(ListResumeCollisionsRequest.newBuilder()
                            .setExperiment(experiment)
                            .setPageSize(pageSize)
                            .setPageToken(token)
                            .build());
            assertThat(page.getCollisionsCount()).isLessThanOrEqualTo(pageSize);
            all.addAll(page.getCollisionsList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }

    @Test
    void thousandsOfCollisionsAreKeptAndPageThrough() {
        // Given
        int many = 2345;
        Map<String, byte[]> first = new HashMap<>();
        Map<String, byte[]> second = new HashMap<>();
        for (int i = 0; i < many; i++) {
            first.put("d%02d/f%04d".formatted(i % 20, i), new byte[] {1});
            second.put("d%02d/f%04d".formatted(i % 20, i), new byte[] {2});
        }
        String one = client.newArtifact();
        String other = client.newArtifact();
        client.push(one, 0, TestChunks.tree(first));
        client.push(other, 0, TestChunks.tree(second));

        // When
        ResumeRules last = rules(ResumePolicy.RESUME_POLICY_LAST_WINS);
        Plan planned = plan(last, input(one), input(other));
        CreateExperimentResponse created = create("", last, input(one), input(other));

        // Then
        assertThat(planned.collisions().stream().map(ResumeCollision::getPath))
                .hasSize(many)
                .doesNotHaveDuplicates()
                .isSorted();
        assertThat(collisions(created.getExperiment().getId(), 100)).isEqualTo(planned.collisions());
        assertThat(created.getResume().getCollisions(0).getCount()).isEqualTo(many);
        assertThat(files(artifact(created.getExperiment(), ArtifactType.ARTIFACT_TYPE_LOSSY))
                        .values())
                .hasSize(many)
                .containsOnly(digest(new byte[] {2}));
    }

    @Test
    void inputsAreTakenAsTheyWereAndWhereAndWhatIsWanted() {
        // Given three snapshots
        Experiment experiment = experiment();
        String lossy = artifact(experiment, ArtifactType.ARTIFACT_TYPE_LOSSY);
        byte[] one = some();
        byte[] two = some();
        byte[] three = some();
        Snapshot first = client.push(lossy, 0, TestChunks.tree(Map.of("a/x.pt", one, "a/y.txt", one)))
                .getSnapshot();
        client.push(lossy, 0, TestChunks.tree(Map.of("a/x.pt", two)), publication -> publication.addLabels("best"));
        client.push(lossy, 0, TestChunks.tree(Map.of("a/x.pt", three)));

        // When all of them are put into one
        CreateExperimentResponse created = create(
                "",
                ResumeRules.getDefaultInstance(),
                ResumeInput.newBuilder()
                        .setSource(lossy)
                        .setNumber(1)
                        .setUnder("n")
                        .addInclude("**/*.pt")
                        .build(),
                ResumeInput.newBuilder()
                        .setSource(experiment.getId())
                        .setLabel("best")
                        .setUnder("l/l")
                        .build(),
                ResumeInput.newBuilder()
                        .setSource(experiment.getName())
                        .setAt(first.getCreateTime())
                        .setUnder("t")
                        .addExclude("a/x*")
                        .build(),
                input(experiment.getName() + "/lossy"));

        // Then
        assertThat(files(artifact(created.getExperiment(), ArtifactType.ARTIFACT_TYPE_LOSSY)))
                .isEqualTo(Map.of(
                        "n/a/x.pt", digest(one),
                        "l/l/a/x.pt", digest(two),
                        "t/a/y.txt", digest(one),
                        "a/x.pt", digest(three)));
        assertThat(created.getResume().getInputsList().stream().map(ResolvedInput::getSnapshot))
                .containsExactly(1L, 2L, 1L, 3L);
    }

    @Test
    void checkpointsOfTwoRunsAreNeverMixed() {
        // Given two runs with pointers that are text
        Map<String, byte[]> one = Map.of(
                "latest", "global_step2".getBytes(StandardCharsets.UTF_8),
                "global_step1/w", some(),
                "global_step2/w", some());
        Map<String, byte[]> other = Map.of(
                "latest", "global_step3".getBytes(StandardCharsets.UTF_8),
                "global_step3/w", some());
        String first = artifact(experiment(), ArtifactType.ARTIFACT_TYPE_CHECKPOINTS);
        String second = artifact(experiment(), ArtifactType.ARTIFACT_TYPE_CHECKPOINTS);
        client.push(first, 0, TestChunks.tree(one));
        client.push(second, 0, TestChunks.tree(other));

        // When
        Plan plan = plan(ResumeRules.getDefaultInstance(), input(first), input(second));
        Experiment created = create("", rules(ResumePolicy.RESUME_POLICY_LAST_WINS), input(first), input(second))
                .getExperiment();
        Plan files = plan(
                ResumeRules.newBuilder()
                        .setUnits(CollisionUnits.getDefaultInstance())
                        .build(),
                input(first),
                input(second));

        // Then
        assertThat(plan.collisions()).singleElement().satisfies(collision -> {
            assertThat(collision.getPath()).isEqualTo("latest");
            assertThat(collision.getKind()).isEqualTo(ResumeCollisionKind.RESUME_COLLISION_KIND_DIRECTORY_UNIT);
        });
        assertThat(files(artifact(created, ArtifactType.ARTIFACT_TYPE_CHECKPOINTS)))
                .containsOnlyKeys("latest", "global_step3/w");
        assertThat(files.collisions())
                .singleElement()
                .satisfies(collision ->
                        assertThat(collision.getKind()).isEqualTo(ResumeCollisionKind.RESUME_COLLISION_KIND_CONTENT));
    }

    @Test
    void oneKeyMakesOneExperiment() {
        // Given
        String one = client.newArtifact();
        String other = client.newArtifact();
        client.push(one, 0, TestChunks.tree(Map.of("x", some())));
        client.push(other, 0, TestChunks.tree(Map.of("y", some())));
        String key = "key " + UUID.randomUUID();

        // When
        CreateExperimentResponse first = create(key, ResumeRules.getDefaultInstance(), input(one), input(other));
        client.push(one, 0, TestChunks.tree(Map.of("changed", some())));
        CreateExperimentResponse again = create(key, ResumeRules.getDefaultInstance(), input(one), input(other));

        // Then the answer is the same, whatever has become of the inputs, and another request is refused
        assertThat(again).isEqualTo(first);
        assertRefused(
                () -> create(key, ResumeRules.getDefaultInstance(), input(one)),
                Status.Code.ALREADY_EXISTS,
                "IDEMPOTENCY_KEY_REUSED");
        assertRefused(
                () -> create(key, rules(ResumePolicy.RESUME_POLICY_LAST_WINS), input(one), input(other)),
                Status.Code.ALREADY_EXISTS,
                "IDEMPOTENCY_KEY_REUSED");
    }

    @Test
    void manyAtOnceWithOneKeyMakeOneExperiment() {
        String one = client.newArtifact();
        client.push(one, 0, TestChunks.tree(Map.of("x", some())));
        String key = "key " + UUID.randomUUID();
        List<String> ids = IntStream.range(0, 8)
                .parallel()
                .mapToObj(i -> create(key, ResumeRules.getDefaultInstance(), input(one))
                        .getExperiment()
                        .getId())
                .distinct()
                .toList();
        assertThat(ids).hasSize(1);
        // What the others had begun is forgotten.
        Awaitility.await()
                .until(() -> pool.query("SELECT count(*) FROM resume WHERE experiment_id IS NULL")
                                .execute()
                                .await()
                                .indefinitely()
                                .iterator()
                                .next()
                                .getLong(0)
                        == 0);
    }

    @Test
    void warnsOfWhatMayNotBeMeant() {
        // Given
        String one = client.newArtifact();
        String other = client.newArtifact();
        client.push(one, 0, TestChunks.tree(Map.of("Model", some(), "y", some())));
        client.push(other, 0, TestChunks.tree(Map.of("model", some())));
        ResumeRules rules = ResumeRules.newBuilder()
                .addPathPolicies(PathPolicy.newBuilder()
                        .setPattern("nothing/**")
                        .setPolicy(ResumePolicy.RESUME_POLICY_FIRST_WINS))
                .build();
        ResumeInput none = ResumeInput.newBuilder()
                .setSource(other)
                .setUnder("under")
                .addInclude("z")
                .build();

        // When
        Plan plan = plan(rules, input(one), input(other), none);
        CreateExperimentResponse created = create("", rules, input(one), input(other), none);

        // Then
        assertThat(plan.warnings().stream().map(ResumeWarning::getKind))
                .containsExactlyInAnyOrder("names_alike", "input_empty", "policy_unused");
        assertThat(plan.result().getWarnings()).isEqualTo(3);
        assertThat(client.resumes()
                        .listResumeWarnings(ListResumeWarningsRequest.newBuilder()
                                .setExperiment(created.getExperiment().getId())
                                .build())
                        .getWarningsList())
                .isEqualTo(plan.warnings());
    }

    @Test
    void anIncompleteSnapshotIsPassedOverOrRefused() {
        // Given a complete snapshot and, after it, a cut without one of its ranks
        String artifact = client.newArtifact();
        byte[] complete = some();
        client.push(artifact, 0, TestChunks.tree(Map.of("x", complete)));
        client.push(
                artifact,
                0,
                TestChunks.tree(Map.of("x", some())),
                publication -> publication.setCut(Cut.newBuilder()
                        .setId("1")
                        .setWriters(2)
                        .setDeadline(Duration.newBuilder().setNanos(1_000_000))));
        Awaitility.await()
                .until(() -> newest(artifact).getMissingRanksCount() > 0
                        && newest(artifact).getNumber() == 2);

        // When
        Plan plan = plan(ResumeRules.getDefaultInstance(), input(artifact));

        // Then
        assertThat(plan.inputs().getFirst().getSnapshot()).isEqualTo(1);
        assertThat(plan.warnings().getFirst().getKind()).isEqualTo("newer_incomplete");
        assertRefused(
                () -> plan(
                        ResumeRules.getDefaultInstance(),
                        ResumeInput.newBuilder()
                                .setSource(artifact)
                                .setNumber(2)
                                .build()),
                Status.Code.FAILED_PRECONDITION,
                "SNAPSHOT_INCOMPLETE");
    }

    @Test
    void badInputIsRefusedAndNothingIsCreated() {
        // Given
        Experiment experiment = experiment();
        String lossy = artifact(experiment, ArtifactType.ARTIFACT_TYPE_LOSSY);
        client.push(lossy, 0, TestChunks.tree(Map.of("x", some(), "y".repeat(255) + "/z", some())));
        long experiments = count("experiment");
        String absent = "art_00000000000000000000000000";

        // Then
        refusedInput(input(absent), Status.Code.NOT_FOUND, "ARTIFACT_NOT_FOUND");
        refusedInput(input("no such experiment"), Status.Code.NOT_FOUND, "EXPERIMENT_NOT_FOUND");
        refusedInput(
                input(artifact(experiment, ArtifactType.ARTIFACT_TYPE_CRUD)),
                Status.Code.NOT_FOUND,
                "SNAPSHOT_NOT_FOUND");
        refusedInput(input(""), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
        refusedInput(input(lossy).toBuilder().setNumber(7).build(), Status.Code.NOT_FOUND, "SNAPSHOT_NOT_FOUND");
        refusedInput(
                input(experiment.getId()).toBuilder().setNumber(1).build(),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");
        refusedInput(
                input(lossy).toBuilder()
                        .setAt(Timestamp.newBuilder().setSeconds(1))
                        .build(),
                Status.Code.NOT_FOUND,
                "SNAPSHOT_NOT_FOUND");
        refusedInput(
                input(lossy).toBuilder().setUnder("../out").build(), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
        refusedInput(
                input(lossy).toBuilder().addInclude("../x").build(), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
        refusedInput(
                input(lossy).toBuilder().setUnder("d/".repeat(2000) + "d").build(),
                Status.Code.FAILED_PRECONDITION,
                "MERGE_LIMIT");
        assertRefused(
                () -> create("", ResumeRules.getDefaultInstance(), input(lossy), input(experiment.getId())),
                Status.Code.INVALID_ARGUMENT,
                "RESUME_INPUT_REPEATED");
        assertRefused(
                () -> create(
                        "",
                        ResumeRules.newBuilder()
                                .addPathPolicies(PathPolicy.newBuilder().setPattern("x"))
                                .build(),
                        input(lossy)),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");
        assertRefused(() -> plan(ResumeRules.getDefaultInstance()), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
        assertRefused(
                () -> client.resumes()
                        .getResume(GetResumeRequest.newBuilder()
                                .setExperiment(experiment.getId())
                                .build()),
                Status.Code.NOT_FOUND,
                "RESUME_NOT_FOUND");
        assertThat(count("experiment")).isEqualTo(experiments);
        assertThat(client.experiments()
                        .listExperiments(ListExperimentsRequest.newBuilder()
                                .setPageSize(1)
                                .build())
                        .getExperiments(0)
                        .getId())
                .isEqualTo(experiment.getId());
    }

    private void refusedInput(ResumeInput input, Status.Code code, String reason) {
        assertRefused(() -> plan(ResumeRules.getDefaultInstance(), input), code, reason);
        assertRefused(() -> create("", ResumeRules.getDefaultInstance(), input), code, reason);
    }

    @Test
    void aLaunchFileIsKept() {
        String text = "experiment_name = \"x\"\n# Whatever it says\nunknown = 1\n";
        Experiment created = client.experiments()
                .createExperiment(CreateExperimentRequest.newBuilder()
                        .setName("launched")
                        .setLaunchFile(text)
                        .build())
                .getExperiment();
        assertThat(client.experiments()
                        .getExperiment(GetExperimentRequest.newBuilder()
                                .setExperiment(created.getId())
                                .build())
                        .getLaunchFile())
                .isEqualTo(text);
    }
}
