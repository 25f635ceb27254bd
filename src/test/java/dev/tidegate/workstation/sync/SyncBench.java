package dev.tidegate.workstation.sync;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.client.RetryPolicy;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.files.FileNames;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.FileBuilder;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreeBuilder;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.SecureTree;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A gateway that holds what a test makes, and a directory that is synced with it. */
final class SyncBench implements AutoCloseable {

    static final Timestamp TIME = new Timestamp(1_000_000, 123_456_789);
    private static final int CHUNK = 4096;

    final FakeGateway gateway = new FakeGateway();
    final GatewayConnection connection = gateway.connect();
    final Path target;
    Predicate<SecureTree> foldsNames = SecureTree::foldsNames;

    SyncBench(Path target) {
        this.target = target;
    }

    Snapshot publish(Map<String, Entry> entries) {
        TreeMap<TreePath, Entry> sorted = new TreeMap<>();
        entries.forEach((path, entry) -> sorted.put(TreePath.parse(path), entry));
        TreeBuilder builder = new TreeBuilder(gateway::store);
        sorted.forEach(builder::add);
        return gateway.publish(builder.finish().digest());
    }

    SyncReport sync(Snapshot snapshot) throws IOException {
        return sync(snapshot, SyncOptions.DEFAULT);
    }

    SyncReport sync(Snapshot snapshot, SyncOptions options) throws IOException {
        SyncTarget to = new SyncTarget("run/crud", "art_1", Optional.of(snapshot), target);
        List<SyncReport> reports = new ArrayList<>();
        new Sync(connection, foldsNames).sync(List.of(to), options, SyncListener.NONE, reports::add);
        return reports.getFirst();
    }

    /** A sync that ends when the gateway has sent so many frames. */
    void breakOff(Snapshot snapshot, int frames) throws IOException {
        AtomicInteger sent = new AtomicInteger();
        gateway.cutAtFrame = _ -> sent.getAndIncrement() >= frames;
        try (GatewayConnection impatient =
                GatewayConnection.open(gateway.address(), RetryPolicy.ofLimit(Duration.ZERO))) {
            SyncTarget to = new SyncTarget("run/crud", "art_1", Optional.of(snapshot), target);
            assertThatThrownBy(() -> new Sync(impatient, foldsNames)
                            .sync(List.of(to), SyncOptions.DEFAULT, SyncListener.NONE, _ -> {}))
                    .isInstanceOf(GatewayException.class);
        } finally {
            gateway.cutAtFrame = _ -> false;
        }
    }

    /** What is left of files that were not whole. */
    List<Path> parts() throws IOException {
        try (Stream<Path> staged = Files.list(target.resolve(".tidegate/staging"))) {
            return staged.filter(path -> path.getFileName().toString().startsWith("part-"))
                    .toList();
        }
    }

    Entry.RegularFile file(String text) {
        return file(text.getBytes(StandardCharsets.UTF_8), 0644, TIME);
    }

    /** A file of chunks of 4 KiB. */
    Entry.RegularFile file(byte[] bytes, int mode, Timestamp time) {
        return file(bytes, CHUNK, mode, time);
    }

    Entry.RegularFile file(byte[] bytes, int chunkLength) {
        return file(bytes, chunkLength, 0644, TIME);
    }

    private Entry.RegularFile file(byte[] bytes, int chunkLength, int mode, Timestamp time) {
        if (bytes.length == 0) {
            return new Entry.RegularFile(0, mode, time, Content.Empty.INSTANCE);
        }
        FileBuilder builder = new FileBuilder(gateway::store);
        for (int at = 0; at < bytes.length; at += chunkLength) {
            ByteBuffer chunk = ByteBuffer.wrap(bytes, at, Math.min(chunkLength, bytes.length - at))
                    .slice();
            Digest digest = Digest.of(chunk);
            gateway.store(ChunkKind.DATA, digest, chunk);
            builder.add(digest, chunk.remaining());
        }
        return new Entry.RegularFile(bytes.length, mode, time, builder.finish());
    }

    static Entry.Directory directory() {
        return new Entry.Directory(0755);
    }

    static Entry.SymbolicLink link(String text) {
        return new Entry.SymbolicLink(text, false);
    }

    /** What is in a directory but for {@code .tidegate}: text of files, {@code -> text} of links, {@code /} of directories. */
    static Map<String, String> content(Path root) throws IOException {
        Map<String, String> content = new TreeMap<>();
        if (!Files.exists(root)) {
            return content;
        }
        try (Stream<Path> paths = Files.walk(root)) {
            paths.filter(path -> !path.equals(root) && !path.startsWith(root.resolve(".tidegate")))
                    .forEach(path -> content.put(FileNames.decode(root.relativize(path)), describe(path)));
        }
        return content;
    }

    private static String describe(Path path) {
        try {
            if (Files.isSymbolicLink(path)) {
                return "-> " + FileNames.decode(Files.readSymbolicLink(path));
            }
            return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                    ? "/"
                    : new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        connection.close();
        gateway.close();
    }
}
