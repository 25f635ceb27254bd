package dev.tidegate.gateway;

import com.google.protobuf.ByteString;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.FileBuilder;
import dev.tidegate.manifest.NodeSink;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreeBuilder;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.v1.ChunkFrame;
import dev.tidegate.v1.CreateExperimentRequest;
import dev.tidegate.v1.CreateExperimentResponse;
import dev.tidegate.v1.ResumeInput;
import dev.tidegate.v1.ResumePolicy;
import dev.tidegate.v1.ResumeRules;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;

/**
 * How long it takes to create experiments from large artifacts: PORT of a gateway on this machine, and the ids of artifacts
 * that an earlier run has made and printed; without ids it makes them. Their manifests are those of what they are said to be;
 * of their content, which no resume reads, they share a few chunks.
 */
public final class ResumeMeasurement {

    private static final int FILES = 1_000_000;
    private static final int DIFFERENT = 1000;
    private static final int RUNS = 5;
    private static final int CHUNK = 256 << 10;

    private ResumeMeasurement() {}

    public static void main(String[] arguments) {
        try (WireClient client = new WireClient(Integer.parseInt(arguments[0]))) {
            if (arguments.length > 1) {
                List<String> inputs = List.of(arguments).subList(1, arguments.length);
                measure(client, String.join(" and ", inputs), inputs);
                return;
            }
            String base = push(client, tree(i -> path("run", i), i -> small(i % 100)));
            String changed =
                    push(client, tree(i -> path("run", i), i -> small(i % (FILES / DIFFERENT) == 7 ? 100 : i % 100)));
            String elsewhere = push(client, tree(i -> path("walk", i), i -> small(i % 100)));
            String large = push(client, large("one"));
            String larger = push(client, large("other"));
            Map<String, List<String>> cases = new LinkedHashMap<>();
            cases.put("1,000,000 files each, 1,000 of them different", List.of(base, changed));
            cases.put("1,000,000 files each, none of them in both", List.of(base, elsewhere));
            cases.put("100 files of 100 GB each, none of them in both", List.of(large, larger));
            cases.forEach((name, inputs) -> {
                System.out.println(String.join(" ", inputs));
                measure(client, name, inputs);
            });
        }
    }

    private static void measure(WireClient client, String name, List<String> inputs) {
        CreateExperimentRequest.Builder request = CreateExperimentRequest.newBuilder()
                .setName("measured " + UUID.randomUUID())
                .setRules(ResumeRules.newBuilder().setPolicy(ResumePolicy.RESUME_POLICY_LAST_WINS));
        inputs.forEach(input -> request.addInputs(ResumeInput.newBuilder().setSource(input)));
        double[] seconds = new double[RUNS];
        CreateExperimentResponse created = CreateExperimentResponse.getDefaultInstance();
        for (int i = 0; i < RUNS; i++) {
            long start = System.nanoTime();
            created = client.experiments().createExperiment(request.build());
            seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        double first = seconds[0];
        Arrays.sort(seconds);
        System.out.printf(
                "%s: first %.3f s, median %.3f s, %d files, %d bytes, collisions %s%n",
                name,
                first,
                seconds[RUNS / 2],
                created.getResume().getArtifacts(0).getStatistics().getFiles(),
                created.getResume().getArtifacts(0).getStatistics().getBytes(),
                created.getResume().getCollisionsList().stream()
                        .map(count -> count.getCount())
                        .toList());
    }

    private static String path(String root, int file) {
        return "%s-%03d/step-%05d/shard-%07d.bin".formatted(root, file / 10_000, file / 100, file);
    }

    private static byte[] small(int content) {
        return new byte[] {(byte) content};
    }

    /** What is pushed: chunks, then nodes with their children before them. */
    private record Pushed(List<ChunkFrame> frames, Digest root) {}

    private static Pushed tree(IntFunction<String> paths, IntFunction<byte[]> contents) {
        Map<Digest, ChunkFrame> chunks = new LinkedHashMap<>();
        List<ChunkFrame> nodes = new ArrayList<>();
        TreeBuilder builder = new TreeBuilder(into(nodes));
        for (int i = 0; i < FILES; i++) {
            byte[] content = contents.apply(i);
            Digest digest = Digest.of(ByteBuffer.wrap(content));
            chunks.computeIfAbsent(digest, _ -> TestChunks.data(content));
            builder.add(TreePath.parse(paths.apply(i)), file(content.length, new Content.SingleChunk(digest)));
        }
        Digest root = builder.finish().digest();
        List<ChunkFrame> frames = new ArrayList<>(chunks.values());
        frames.addAll(nodes);
        return new Pushed(frames, root);
    }

    private static Pushed large(String name) {
        byte[] zeros = new byte[CHUNK];
        List<ChunkFrame> frames = new ArrayList<>(List.of(TestChunks.data(zeros)));
        FileBuilder file = new FileBuilder(into(frames));
        int chunks = (int) (100_000_000_000L / CHUNK);
        Digest chunk = Digest.of(ByteBuffer.wrap(zeros));
        for (int i = 0; i < chunks; i++) {
            file.add(chunk, CHUNK);
        }
        Content content = file.finish();
        TreeBuilder builder = new TreeBuilder(into(frames));
        for (int i = 0; i < 100; i++) {
            builder.add(TreePath.parse("%s-%03d.bin".formatted(name, i)), file((long) chunks * CHUNK, content));
        }
        return new Pushed(frames, builder.finish().digest());
    }

    private static NodeSink into(List<ChunkFrame> nodes) {
        return (ChunkKind kind, Digest digest, ByteBuffer plaintext) -> {
            byte[] bytes = new byte[plaintext.remaining()];
            plaintext.duplicate().get(bytes);
            nodes.add(TestChunks.frame(dev.tidegate.v1.ChunkKind.forNumber(kind.code()), bytes));
        };
    }

    private static Entry file(long size, Content content) {
        return new Entry.RegularFile(size, 0644, new Timestamp(1_700_000_000L, 0), content);
    }

    private static String push(WireClient client, Pushed pushed) {
        String artifact = client.newArtifact();
        String push = client.begin(artifact).getPushId();
        client.put(push, pushed.frames());
        client.publish(push, ByteString.copyFrom(pushed.root().toBytes()));
        return artifact;
    }
}
