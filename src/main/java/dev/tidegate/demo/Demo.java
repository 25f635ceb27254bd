package dev.tidegate.demo;

import dev.tidegate.agent.DirectoryPush;
import dev.tidegate.agent.PushRequest;
import dev.tidegate.agent.PushResult;
import dev.tidegate.agent.run.ArtifactDirectory;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.client.SnapshotName;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullRequest;
import dev.tidegate.materialise.PullStatistics;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.workstation.SnapshotTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Runs the demo. All it makes is below one directory, and stays there. */
public final class Demo {

    /** The name of the experiment that is created. */
    public static final String EXPERIMENT = "demo";

    /** The name of the experiment whose job runs under agents. */
    public static final String TRAINING = "demo-training";

    private static final int RANKS = 2;

    /** Three copies of the tree, its packs and the database. */
    private static final long SPACE = 1L << 30;

    private final Path directory;
    private final boolean keepRunning;
    private final DemoObserver observer;

    private Demo(Path directory, boolean keepRunning, DemoObserver observer) {
        this.directory = directory;
        this.keepRunning = keepRunning;
        this.observer = observer;
    }

    /**
     * Runs the demo.
     *
     * @param directory absent or empty; a new one below the system's temporary directory unless it is given
     * @param keepRunning whether the gateway runs on at the end, until the thread is interrupted
     * @return whether the pulled directory is the same as the copy that was kept
     * @throws DemoException if it cannot begin, or the gateway fails
     * @throws InterruptedException if the thread was interrupted; the gateway has been stopped
     */
    public static boolean run(Optional<Path> directory, boolean keepRunning, DemoObserver observer)
            throws IOException, InterruptedException {
        return new Demo(prepare(directory), keepRunning, observer).run();
    }

    /** How long it may take to end once it is interrupted: the job, and then the gateway. */
    public static Duration endLimit() {
        return TrainingJob.END_LIMIT.plus(GatewayChild.STOP_LIMIT);
    }

    private static Path prepare(Optional<Path> wanted) throws IOException {
        if (wanted.isEmpty()) {
            requireSpace(Path.of(System.getProperty("java.io.tmpdir")));
            return Files.createTempDirectory("tidegate-demo-").toRealPath();
        }
        Path directory = Files.createDirectories(wanted.get()).toRealPath();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (entries.iterator().hasNext()) {
                throw new DemoException(directory + " holds something already: name an empty or a new directory");
            }
        }
        requireSpace(directory);
        return directory;
    }

    private static void requireSpace(Path directory) throws IOException {
        long usable = Files.getFileStore(directory).getUsableSpace();
        if (usable < SPACE) {
            throw new DemoException("the demo needs 1 GiB in " + directory + ", where " + (usable >> 20)
                    + " MiB are free: name a directory elsewhere by --directory");
        }
    }

    private boolean run() throws IOException, InterruptedException {
        observer.begins(directory);
        Path data = directory.resolve("gateway");
        try (GatewayChild gateway = GatewayChild.start(data)) {
            // The gateway starts while the tree is written.
            Path tree = directory.resolve("run");
            SampleRun sample = new SampleRun(tree);
            sample.create();
            GatewayAddress address = gateway.awaitReady();
            observer.ready(address, gateway.age(), tree, sample.size());
            boolean identical;
            try (GatewayConnection connection = GatewayConnection.open(address, RetryPolicy.PATIENT)) {
                identical = run(connection, sample, tree);
                train(connection);
            }
            observer.ends(address, directory, data);
            if (keepRunning) {
                gateway.awaitEnd();
            }
            return identical;
        }
    }

    private boolean run(GatewayConnection connection, SampleRun sample, Path tree) throws IOException {
        connection
                .experiments()
                .create(EXPERIMENT, Optional.of(UUID.randomUUID().toString()));
        String artifact = EXPERIMENT + "/checkpoints";
        DirectoryPush push = new DirectoryPush(connection, directory.resolve("client/push"));

        pushed(push, PushRequest.of(tree, artifact).withLabels(List.of("first")), "everything for the first time");
        sample.train();
        Snapshot second =
                pushed(push, PushRequest.of(tree, artifact), "2 % of the weights edited in place, the log appended to");
        Path copy = directory.resolve("copy-of-2");
        TreeCopy.copy(tree, copy);
        sample.rearrange();
        Snapshot third = pushed(
                push,
                PushRequest.of(tree, artifact).withLabels(List.of("best")),
                "a file added, one removed, one renamed, the log appended to");

        Path target = directory.resolve("pulled-2");
        SnapshotName name = SnapshotName.parse(artifact + "@" + second.getNumber());
        PullStatistics pulled = new Materialiser(connection, directory.resolve("client/pull"))
                .pull(
                        PullRequest.of(connection.snapshots().get(name), target),
                        observer.pulls(name.toString(), target));
        observer.pulled(pulled);
        TreeComparison.Result comparison = TreeComparison.compare(copy, target);
        observer.compared(comparison, copy);
        observer.differs(
                name.toString(),
                artifact + "@" + third.getNumber(),
                SnapshotTree.of(connection, second).changesTo(third));
        return comparison.identical();
    }

    private void train(GatewayConnection connection) throws IOException, InterruptedException {
        Path nodes = Files.createDirectory(directory.resolve("training"));
        connection.experiments().create(TRAINING, Optional.of(UUID.randomUUID().toString()));
        observer.trains(nodes, RANKS);
        try (TrainingJob job = TrainingJob.start(nodes, connection.address(), TRAINING, RANKS)) {
            job.follow(observer::prints);
        }
        Map<String, Snapshot> newest = new LinkedHashMap<>();
        for (ArtifactDirectory artifact : ArtifactDirectory.values()) {
            newest.put(
                    artifact.type(), connection.snapshots().get(SnapshotName.parse(TRAINING + "/" + artifact.type())));
        }
        observer.trained(newest);
    }

    private Snapshot pushed(DirectoryPush push, PushRequest request, String change) throws IOException {
        PushResult result = push.run(request, observer.pushes(change));
        observer.pushed(result);
        return result.snapshot();
    }
}
