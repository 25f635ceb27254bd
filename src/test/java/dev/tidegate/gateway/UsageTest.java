package dev.tidegate.gateway;

import static dev.tidegate.gateway.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import dev.tidegate.catalog.ChunkIndex;
import dev.tidegate.catalog.IndexedChunk;
import dev.tidegate.catalog.UsageTable;
import dev.tidegate.catalog.Usages;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codecs;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.ChunkReference;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.FileBuilder;
import dev.tidegate.manifest.Node;
import dev.tidegate.manifest.NodeSink;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreeBuilder;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.v1.ChunkBase;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.ListLayersRequest;
import dev.tidegate.v1.MeasureUsageRequest;
import dev.tidegate.v1.MeasureUsageResponse;
import dev.tidegate.v1.Snapshot;
import dev.tidegate.v1.SnapshotSelector;
import dev.tidegate.v1.SnapshotUsage;
import dev.tidegate.v1.UsageServiceGrpc;
import dev.tidegate.v1.UsageTotal;
import io.grpc.Status;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What snapshots take, over the real wire, against sets of all that they reach. */
@QuarkusTest
class UsageTest extends WireTests {

    private static final OrganisationId ORGANISATION =
            new OrganisationId(UUID.fromString("00000000-0000-7000-8000-000000000001"));

    @Inject
    Usages usages;

    /** A file that is edited in each step. */
    private static final String EDITED = "edited";

    @Inject
    ChunkIndex index;

    @Inject
    Pool database;

    private final List<byte[]> pool = new ArrayList<>();

    /** What each chunk that was edited is said to resemble. */
    private final Map<Digest, Digest> resembled = new HashMap<>();

    private String artifact;
    private String other;

    @BeforeEach
    void createArtifacts() {
        artifact = client.newArtifact();
        other = client.newArtifact();
        for (int i = 0; i < 80; i++) {
            pool.add(unheardOf());
        }
    }

    /** Of other lengths, none so short that another test's snapshots, on the same gateway, hold it too. */
    private byte[] unheardOf() {
        return TestChunks.random(random, (random.nextInt(4) == 0 ? 1_100 : 16) + random.nextInt(40));
    }

    /** Almost the same as {@code chunk}, and pushed as such; stored as a delta where it is long enough for one. */
    private byte[] alike(byte[] chunk) {
        byte[] alike = chunk.clone();
        alike[random.nextInt(alike.length)] ^= (byte) (1 + random.nextInt(255));
        resembled.put(Digest.of(ByteBuffer.wrap(alike)), Digest.of(ByteBuffer.wrap(chunk)));
        return alike;
    }

    /** Files of which the tree is no other test's, whatever edits leave of them. */
    private Map<String, List<byte[]>> distinct() {
        return new HashMap<>(
                Map.of("distinct", List.of(unheardOf()), EDITED, List.of(TestChunks.random(random, 1_200))));
    }

    private record Measured(List<SnapshotUsage> snapshots, UsageTotal total) {}

    private Measured measure(MeasureUsageRequest.Builder request) {
        List<SnapshotUsage> snapshots = new ArrayList<>();
        List<UsageTotal> totals = new ArrayList<>();
        for (Iterator<MeasureUsageResponse> responses = UsageServiceGrpc.newBlockingStub(client.channel())
                        .withDeadlineAfter(60, TimeUnit.SECONDS)
                        .measureUsage(request.build());
                responses.hasNext(); ) {
            MeasureUsageResponse response = responses.next();
            snapshots.addAll(response.getSnapshotsList());
            if (response.hasTotal()) {
                totals.add(response.getTotal());
            }
        }
        assertThat(totals).hasSize(1);
        return new Measured(snapshots, totals.getFirst());
    }

    private static MeasureUsageRequest.Builder of(String artifact) {
        return MeasureUsageRequest.newBuilder().setArtifact(artifact);
    }

    private static MeasureUsageRequest.Builder of(Snapshot snapshot) {
        return MeasureUsageRequest.newBuilder()
                .setSnapshot(SnapshotSelector.newBuilder()
                        .setArtifact(snapshot.getArtifactId())
                        .setNumber(snapshot.getNumber()));
    }

    private TestChunks.Tree tree(Map<String, List<byte[]>> files) {
        List<ChunkFrame> data = new ArrayList<>();
        List<ChunkFrame> nodes = new ArrayList<>();
        NodeSink sink = (kind, digest, plaintext) -> {
            byte[] bytes = new byte[plaintext.remaining()];
            plaintext.duplicate().get(bytes);
            nodes.add(TestChunks.frame(dev.tidegate.v1.ChunkKind.forNumber(kind.code()), bytes));
        };
        Map<TreePath, List<byte[]>> sorted = new TreeMap<>();
        files.forEach((path, chunks) -> sorted.put(TreePath.parse(path), chunks));
        TreeBuilder builder = new TreeBuilder(sink);
        sorted.forEach((path, chunks) -> {
            FileBuilder file = new FileBuilder(sink);
            long size = 0;
            for (byte[] chunk : chunks) {
                data.add(frame(chunk));
                file.add(Digest.of(ByteBuffer.wrap(chunk)), chunk.length);
                size += chunk.length;
            }
            builder.add(path, new Entry.RegularFile(size, 0644, new Timestamp(1, 0), file.finish()));
        });
        ByteString root = ByteString.copyFrom(builder.finish().digest().toBytes());
        List<ChunkFrame> all = new ArrayList<>(new HashSet<>(data));
        all.addAll(nodes);
        return new TestChunks.Tree(root, all, nodes);
    }

    private ChunkFrame frame(byte[] chunk) {
        ChunkFrame frame = TestChunks.data(chunk);
        Digest base = resembled.get(Digest.read(frame.getDigest().toByteArray(), 0));
        return base == null
                ? frame
                : frame.toBuilder()
                        .setBase(ChunkBase.newBuilder().setDigest(ByteString.copyFrom(base.toBytes())))
                        .build();
    }

    private List<byte[]> content() {
        int length =
                switch (random.nextInt(4)) {
                    case 0 -> 200 + random.nextInt(600);
                    case 1 -> 1;
                    default -> random.nextInt(40);
                };
        List<byte[]> chunks = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            chunks.add(pool.get(random.nextInt(pool.size())));
        }
        return chunks;
    }

    private void edit(Map<String, List<byte[]>> files) {
        String path = "f" + random.nextInt(60);
        String from = "f" + random.nextInt(60);
        switch (random.nextInt(8)) {
            case 0 -> files.remove(path);
            case 1 -> files.put(path, content());
            case 2 -> files.put(path, List.of(unheardOf()));
            case 3 -> files.put(path, files.getOrDefault(from, List.of()));
            case 4 -> {
                List<byte[]> moved = files.remove(from);
                if (moved != null) {
                    files.put(path, moved);
                }
            }
            case 5, 6 -> {
                List<byte[]> chunks = new ArrayList<>(files.getOrDefault(from, List.of()));
                chunks.replaceAll(chunk -> chunk.length > 1_024 && random.nextInt(3) == 0 ? alike(chunk) : chunk);
                files.put(random.nextBoolean() ? from : path, chunks);
            }
            default -> {
                List<byte[]> chunks = new ArrayList<>(files.getOrDefault(path, List.of()));
                chunks.add(random.nextInt(chunks.size() + 1), TestChunks.random(random, 20));
                files.put(path, chunks);
            }
        }
    }

    /** Everything that a root reaches, with what it takes: the bases of deltas too. */
    private Map<Digest, Long> reached(ByteString root) {
        Map<Digest, Long> reached = new HashMap<>();
        Deque<ChunkReference> waiting = new ArrayDeque<>();
        waiting.add(new ChunkReference(Digest.read(root.toByteArray(), 0), ChunkKind.TREE_NODE));
        while (!waiting.isEmpty()) {
            List<ChunkReference> batch = new ArrayList<>();
            while (!waiting.isEmpty() && batch.size() < 500) {
                ChunkReference reference = waiting.remove();
                if (reached.putIfAbsent(reference.digest(), 0L) == null) {
                    batch.add(reference);
                }
            }
            if (batch.isEmpty()) {
                continue;
            }
            List<ChunkFrame> frames = client.read(batch.stream()
                    .map(reference -> ByteString.copyFrom(reference.digest().toBytes()))
                    .toList());
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i).kind() != ChunkKind.DATA) {
                    ByteBuffer plaintext = new Codecs().decode(Wire.chunk(frames.get(i)));
                    waiting.addAll(Node.decode(batch.get(i).kind(), plaintext).references());
                }
            }
        }
        for (IndexedChunk chunk : located(reached.keySet())) {
            reached.put(chunk.digest(), (long) chunk.location().storedLength());
            chunk.base()
                    .ifPresent(base ->
                            reached.put(base.digest(), (long) base.location().storedLength()));
        }
        return reached;
    }

    private List<IndexedChunk> located(Collection<Digest> digests) {
        return index.locate(ORGANISATION, List.copyOf(digests)).await().indefinitely();
    }

    /** All deltas that there are, with what they are of. */
    private Map<Digest, Digest> deltas() {
        Map<Digest, Digest> deltas = new HashMap<>();
        database.query("SELECT digest, base FROM chunk WHERE base IS NOT NULL")
                .execute()
                .await()
                .indefinitely()
                .forEach(row -> deltas.put(
                        Digest.read(row.getBuffer(0).getBytes(), 0),
                        Digest.read(row.getBuffer(1).getBytes(), 0)));
        return deltas;
    }

    private static long sum(Map<Digest, Long> reached) {
        return reached.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What the sets say: of each snapshot what it reaches, and what goes with it. */
    private final class Model {

        final Map<String, Map<Digest, Long>> reached = new HashMap<>();
        final Map<String, Set<Digest>> with = new HashMap<>();

        /** A base stays for as long as there is a delta of it, whatever else holds that. */
        final Map<Digest, Digest> deltas = deltas();

        Model(List<Snapshot> all) {
            Map<String, Snapshot> newest = new HashMap<>();
            for (Snapshot snapshot : all) {
                reached.put(snapshot.getId(), reached(snapshot.getRoot()));
                with.put(snapshot.getId(), new HashSet<>(reachedBy(snapshot).keySet()));
                newest.merge(
                        snapshot.getArtifactId(),
                        snapshot,
                        (one, two) -> one.getNumber() > two.getNumber() ? one : two);
            }
            for (Snapshot snapshot : newest.values()) {
                client.snapshots()
                        .listLayers(ListLayersRequest.newBuilder()
                                .setSnapshot(of(snapshot).getSnapshot())
                                .build())
                        .getLayersList()
                        .forEach(layer -> with.computeIfAbsent(snapshot.getId(), _ -> new HashSet<>())
                                .addAll(reached(layer.getRoot()).keySet()));
            }
        }

        Map<Digest, Long> reachedBy(Snapshot snapshot) {
            return reached.getOrDefault(snapshot.getId(), Map.of());
        }

        /** What would be free without {@code gone}. */
        long unique(List<Snapshot> gone) {
            Map<Digest, Long> left = union(gone);
            Set<String> ids = new HashSet<>();
            gone.forEach(snapshot -> ids.add(snapshot.getId()));
            with.forEach((id, held) -> {
                if (!ids.contains(id)) {
                    left.keySet().removeAll(held);
                }
            });
            Set<Digest> known = new HashSet<>();
            gone.forEach(snapshot -> known.addAll(with.getOrDefault(snapshot.getId(), Set.of())));
            with.forEach((id, held) -> {
                if (!ids.contains(id)) {
                    known.removeAll(held);
                }
            });
            deltas.forEach((delta, base) -> {
                if (!known.contains(delta)) {
                    left.remove(base);
                }
            });
            return sum(left);
        }

        Map<Digest, Long> union(List<Snapshot> snapshots) {
            Map<Digest, Long> union = new HashMap<>();
            snapshots.forEach(snapshot -> union.putAll(reachedBy(snapshot)));
            return union;
        }

        void assertRight(Measured measured) {
            List<Snapshot> snapshots = measured.snapshots().stream()
                    .map(SnapshotUsage::getSnapshot)
                    .toList();
            for (SnapshotUsage usage : measured.snapshots()) {
                Snapshot snapshot = usage.getSnapshot();
                assertThat(usage.getStoredBytes()).as(snapshot.getId()).isEqualTo(sum(reachedBy(snapshot)));
                assertThat(usage.getUniqueBytes()).as(snapshot.getId()).isEqualTo(unique(List.of(snapshot)));
                assertThat(usage.getSharedBytes()).isEqualTo(usage.getStoredBytes() - usage.getUniqueBytes());
            }
            assertThat(measured.total().getSnapshots()).isEqualTo(snapshots.size());
            assertThat(measured.total().getStoredBytes()).isEqualTo(sum(union(snapshots)));
            assertThat(measured.total().getUniqueBytes()).isEqualTo(unique(snapshots));
            assertThat(measured.total().getLogicalBytes())
                    .isEqualTo(snapshots.stream()
                            .mapToLong(each -> each.getStatistics().getBytes())
                            .sum());
        }
    }

    @RepeatedTest(4)
    void isWhatTheSetsSay() {
        // Given two artifacts with contents that move, go and come again; the first has up to three writers
        List<Snapshot> mine = new ArrayList<>();
        List<Snapshot> others = new ArrayList<>();
        int writers = 1 + random.nextInt(3);
        List<Map<String, List<byte[]>>> layers = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            layers.add(distinct());
        }
        Map<String, List<byte[]>> elsewhere = distinct();
        for (int step = 0; step < 14; step++) {
            int writer = random.nextInt(writers);
            Map<String, List<byte[]>> files = layers.get(writer);
            for (int i = 0; i < (step < writers ? 60 : 1 + random.nextInt(6)); i++) {
                edit(files);
            }
            files.computeIfPresent(EDITED, (path, chunks) -> List.of(alike(chunks.getFirst())));
            add(mine, client.push(artifact, writer, tree(files)).getSnapshot());
            if (random.nextInt(4) == 0) {
                if (random.nextBoolean()) {
                    elsewhere = new HashMap<>(files);
                }
                edit(elsewhere);
                add(others, client.push(other, 0, tree(elsewhere)).getSnapshot());
            }
        }
        List<Snapshot> all = new ArrayList<>(mine);
        all.addAll(others);
        Model model = new Model(all);

        // Then all of them are right, the newest first
        Measured measured = measure(of(artifact));
        assertThat(measured.snapshots().stream()
                        .map(usage -> usage.getSnapshot().getNumber()))
                .containsExactlyElementsOf(
                        mine.reversed().stream().map(Snapshot::getNumber).toList());
        model.assertRight(measured);
        assertThat(model.deltas.keySet()).as("deltas").containsAnyElementsOf(resembled.keySet());
        assertThat(measured.total().getOlderSnapshots()).isZero();
        model.assertRight(measure(of(other)));

        // And some of them, compared with all the same
        Measured some = measure(of(artifact).setLimit(3));
        assertThat(some.snapshots()).hasSize(Math.min(3, mine.size()));
        assertThat(some.total().getOlderSnapshots())
                .isEqualTo(mine.size() - some.snapshots().size());
        model.assertRight(some);

        // And one
        Snapshot one = mine.get(random.nextInt(mine.size()));
        model.assertRight(measure(of(one)));

        // And what only the other artifact shares counts as unique where it is not compared with
        new Model(mine).assertRight(measure(of(artifact).setWithinArtifacts(true)));
    }

    private static void add(List<Snapshot> snapshots, Snapshot pushed) {
        if (snapshots.isEmpty() || snapshots.getLast().getNumber() != pushed.getNumber()) {
            snapshots.add(pushed);
        }
    }

    @Test
    void aLayerThatWaitsForItsCutHoldsWhatItHas() {
        // Given
        byte[] content = TestChunks.random(random, 5_000);
        Snapshot snapshot =
                client.push(artifact, 0, tree(Map.of("f", List.of(content)))).getSnapshot();
        long before = measure(of(snapshot)).total().getUniqueBytes();

        // When the same content waits in another artifact
        client.push(
                other,
                0,
                tree(Map.of("g", List.of(content))),
                publication -> publication.setCut(dev.tidegate.v1.Cut.newBuilder()
                        .setId("one")
                        .setWriters(2)
                        .setDeadline(com.google.protobuf.Duration.newBuilder().setSeconds(600))));

        // Then
        assertThat(before).isGreaterThan(5_000);
        assertThat(measure(of(snapshot)).total().getUniqueBytes()).isEqualTo(before - 5_000);
    }

    @Test
    void anExperimentIsAllOfItsArtifacts() {
        // Given
        var experiment = client.newExperiment("usage " + artifact);
        byte[] content = TestChunks.random(random, 3_000);
        for (int i : List.of(0, 3)) {
            client.push(experiment.getArtifacts(i).getId(), 0, tree(Map.of("f", List.of(content))));
        }

        // When
        Measured measured = measure(MeasureUsageRequest.newBuilder().setExperiment(experiment.getId()));

        // Then each has all of it, none has it alone, and together they have it once
        assertThat(measured.snapshots()).hasSize(2);
        assertThat(measured.snapshots()).allSatisfy(usage -> {
            assertThat(usage.getStoredBytes()).isGreaterThan(3_000);
            assertThat(usage.getUniqueBytes()).isZero();
        });
        assertThat(measured.total().getUniqueBytes())
                .isEqualTo(measured.total().getStoredBytes())
                .isBetween(3_000L, 4_000L);
        assertThat(measured.total().getLogicalBytes()).isEqualTo(6_000);
    }

    @Test
    void whatHasNoSnapshotsTakesNothing() {
        Measured measured = measure(of(artifact));
        assertThat(measured.snapshots()).isEmpty();
        assertThat(measured.total().getStoredBytes()).isZero();
    }

    @Test
    void whatIsNotThereIsRefused() {
        assertRefused(() -> measure(of("art_00000000000000000000000000")), Status.Code.NOT_FOUND, "ARTIFACT_NOT_FOUND");
        assertRefused(
                () -> measure(MeasureUsageRequest.newBuilder().setExperiment("none such")),
                Status.Code.NOT_FOUND,
                "EXPERIMENT_NOT_FOUND",
                "none such");
        assertRefused(
                () -> measure(MeasureUsageRequest.newBuilder()
                        .setSnapshot(SnapshotSelector.newBuilder()
                                .setArtifact(artifact)
                                .setNumber(7))),
                Status.Code.NOT_FOUND,
                "SNAPSHOT_NOT_FOUND",
                artifact + "@7");
        assertRefused(
                () -> measure(MeasureUsageRequest.newBuilder()), Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    }

    @Test
    void whatWouldNoteMoreThanItMayIsRefused() {
        // Given
        OrganisationId organisation = Caller.DEFAULT.organisation();
        for (boolean held : List.of(true, false)) {
            try (UsageTable table = usages.open(organisation, 3, Duration.ofSeconds(30))) {
                // When
                for (int i = 0; i < 4; i++) {
                    Digest digest = Digest.of(ByteBuffer.wrap(pool.get(i)));
                    if (held) {
                        table.hold(digest);
                    } else {
                        table.count(0, 0, digest, 1);
                    }
                }

                // Then
                assertRefused(
                        Failures.toStatus(catchThrowable(() -> table.finish(1, List.of(0)))),
                        Status.Code.RESOURCE_EXHAUSTED,
                        "USAGE_LIMIT",
                        "limit of 3");
            }
        }
    }
}
