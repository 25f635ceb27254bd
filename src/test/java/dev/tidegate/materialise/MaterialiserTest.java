package dev.tidegate.materialise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.client.FakeGateway;
import dev.tidegate.client.GatewayConnection;
import dev.tidegate.client.GatewayException;
import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.Positional;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.FileBuilder;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreeBuilder;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaterialiserTest {

    @TempDir
    private Path temporary;

    private FakeGateway gateway;
    private GatewayConnection connection;
    private Materialiser materialiser;
    private Path target;
    private Path outside;

    @BeforeEach
    void open() throws IOException {
        gateway = new FakeGateway();
        connection = gateway.connect();
        materialiser = new Materialiser(connection, temporary.resolve("states"));
        target = temporary.resolve("target");
        outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("file"), "untouched");
    }

    @AfterEach
    void close() {
        connection.close();
        gateway.close();
    }

    @Test
    void aLinkInTheTargetIsNeverPassedThrough() throws IOException {
        // Given
        Snapshot snapshot = snapshot(Map.of("a", directory(), "a/file", file("new")));
        Files.createDirectory(target);
        Files.createSymbolicLink(target.resolve("a"), outside);

        // When, then
        assertThatThrownBy(() -> pull(snapshot)).isInstanceOf(PullRefusedException.class);
        assertThatThrownBy(
                        () -> materialiser.pull(PullRequest.of(snapshot, target).withVerify(true), PullListener.NONE))
                .isInstanceOf(PullRefusedException.class);
        assertOutsideUntouched();

        // When
        materialiser.pull(PullRequest.of(snapshot, target).withForce(true), PullListener.NONE);

        // Then: the link gave way
        assertOutsideUntouched();
        assertThat(target.resolve("a/file")).hasContent("new");
        assertThat(Files.isSymbolicLink(target.resolve("a"))).isFalse();
    }

    @Test
    void aLinkAtAFilesPlaceIsReplacedAndNotFollowed() throws IOException {
        // Given: even with the size and time of what it leads to, and forced
        Snapshot snapshot = snapshot(Map.of("file", file("new file!")));
        Files.createDirectory(target);
        Files.createSymbolicLink(target.resolve("file"), outside.resolve("file"));

        // When
        materialiser.pull(PullRequest.of(snapshot, target).withForce(true).withVerify(true), PullListener.NONE);

        // Then
        assertOutsideUntouched();
        assertThat(target.resolve("file")).hasContent("new file!");
    }

    @Test
    void aDirectoryWithoutAnEntryIsMadeAndCheckedToo() throws IOException {
        // Given
        Snapshot snapshot = snapshot(Map.of("a/b/file", file("deep")));
        Files.createDirectories(target.resolve("a"));
        Files.createSymbolicLink(target.resolve("a/b"), outside);

        // When, then
        assertThatThrownBy(() -> pull(snapshot)).isInstanceOf(PullRefusedException.class);
        assertOutsideUntouched();

        // And when
        Files.delete(target.resolve("a/b"));
        materialiser.pull(PullRequest.of(snapshot, target).withForce(true), PullListener.NONE);

        // Then
        assertThat(target.resolve("a/b/file")).hasContent("deep");
    }

    @Test
    void linksOfTheSnapshotLeadNowhereWhileFilesAreWritten() throws IOException {
        // Given: links out of the target, into it, and to its root
        Snapshot snapshot = snapshot(Map.of(
                "a",
                new Entry.SymbolicLink(outside.toString(), false),
                "d",
                directory(),
                "d/root",
                new Entry.SymbolicLink("", true),
                "d/top",
                new Entry.SymbolicLink("d/x", true),
                "d/x",
                file("x"),
                "root",
                new Entry.SymbolicLink("", true)));

        // When
        pull(snapshot);
        pull(snapshot);

        // Then
        assertOutsideUntouched();
        assertThat(Files.readSymbolicLink(target.resolve("a"))).isEqualTo(outside);
        assertThat(Files.readSymbolicLink(target.resolve("d/root"))).isEqualTo(Path.of(".."));
        assertThat(Files.readSymbolicLink(target.resolve("d/top"))).isEqualTo(Path.of("../d/x"));
        assertThat(Files.readSymbolicLink(target.resolve("root"))).isEqualTo(Path.of("."));
        assertThat(materialiser.verify(snapshot, target, PullListener.NONE).identical())
                .isTrue();
    }

    @Test
    void aDirectoryThatHoldsSomethingElseIsRefused() throws IOException {
        // Given
        Snapshot snapshot = snapshot(Map.of("file", file("new")));
        Files.createDirectory(target);
        Files.writeString(target.resolve("mine"), "mine");

        // When, then
        assertThatThrownBy(() -> pull(snapshot)).isInstanceOf(PullRefusedException.class);
        assertThat(target.resolve("file")).doesNotExist();

        // And when
        materialiser.pull(PullRequest.of(snapshot, target).withForce(true), PullListener.NONE);

        // Then
        assertThat(target.resolve("file")).hasContent("new");
        assertThat(target.resolve("mine")).hasContent("mine");
    }

    @Test
    void aSecondPullKeepsWhatIsThereAndRemovesWhatAKilledOneLeft() throws IOException {
        // Given
        Snapshot snapshot = snapshot(Map.of("d", directory(), "d/file", file("old"), "top", file("top")));
        pull(snapshot);
        Path stray = Files.createDirectory(target.resolve(".tidegate-0123456789abcdef.tmp"));
        Files.createDirectory(stray.resolve("directory"));
        Files.writeString(stray.resolve("directory/file"), "half");
        Files.delete(target.resolve("top"));

        // When
        PullStatistics again = pull(snapshot);

        // Then
        assertThat(stray).doesNotExist();
        assertThat(again.files()).isEqualTo(1);
        assertThat(again.filesKept()).isEqualTo(1);
        assertThat(target.resolve("top")).hasContent("top");
    }

    @Test
    void verifyingFindsBytesThatChangedUnderTheSameStamp() throws IOException {
        // Given
        Snapshot snapshot = snapshot(Map.of("file", file("right")));
        pull(snapshot);
        var time = Files.getLastModifiedTime(target.resolve("file"));
        Files.writeString(target.resolve("file"), "wrong");
        Files.setLastModifiedTime(target.resolve("file"), time);

        // When
        Verification damaged = materialiser.verify(snapshot, target, PullListener.NONE);
        PullStatistics trusting = pull(snapshot);
        PullStatistics verifying =
                materialiser.pull(PullRequest.of(snapshot, target).withVerify(true), PullListener.NONE);

        // Then
        assertThat(damaged.differences()).containsExactly(new Difference(Difference.Kind.CONTENT, "file"));
        assertThat(trusting.files()).isZero();
        assertThat(verifying.files()).isEqualTo(1);
        assertThat(target.resolve("file")).hasContent("right");
    }

    @Test
    void everyKindOfDifferenceIsFound() throws IOException {
        // Given
        Snapshot snapshot = snapshot(Map.of(
                "gone", file("gone"),
                "link", new Entry.SymbolicLink("somewhere", false),
                "longer", file("longer"),
                "mode", file("mode"),
                "type", file("type")));
        pull(snapshot);
        Files.delete(target.resolve("gone"));
        Files.delete(target.resolve("link"));
        Files.createSymbolicLink(target.resolve("link"), Path.of("elsewhere"));
        Files.writeString(target.resolve("longer"), "longer and longer");
        Files.setPosixFilePermissions(target.resolve("mode"), FileModes.permissions(0600));
        Files.delete(target.resolve("type"));
        Files.createDirectory(target.resolve("type"));
        Files.createDirectory(target.resolve("unknown"));

        // When
        Verification verification = materialiser.verify(snapshot, target, PullListener.NONE);

        // Then
        assertThat(verification.differences())
                .containsExactly(
                        new Difference(Difference.Kind.MISSING, "gone"),
                        new Difference(Difference.Kind.TARGET, "link"),
                        new Difference(Difference.Kind.SIZE, "longer"),
                        new Difference(Difference.Kind.MODE, "mode"),
                        new Difference(Difference.Kind.TYPE, "type"),
                        new Difference(Difference.Kind.ADDITIONAL, "unknown"));
    }

    @Test
    void damagedBytesAreNeverPutInPlace() throws IOException {
        // Given
        Snapshot snapshot = snapshot(Map.of("file", file("right")));
        Digest digest = Digest.of(ByteBuffer.wrap("right".getBytes(StandardCharsets.UTF_8)));
        StoredChunk stored = gateway.chunk(digest);
        gateway.chunks()
                .put(
                        digest,
                        new StoredChunk(
                                digest,
                                stored.kind(),
                                stored.codec(),
                                stored.length(),
                                ByteBuffer.wrap("wrong".getBytes(StandardCharsets.UTF_8))));

        // When, then
        assertThatThrownBy(() -> pull(snapshot)).isInstanceOf(GatewayException.class);
        try (Stream<Path> left = Files.list(target)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void setIdBitsAreDropped() throws IOException {
        // Given
        Entry.RegularFile plain = file("program");
        Snapshot snapshot = snapshot(Map.of(
                "d", new Entry.Directory(03777),
                "program", new Entry.RegularFile(plain.size(), 06755, plain.mtime(), plain.content())));

        // When
        pull(snapshot);

        // Then
        assertThat(FileStamp.read(target.resolve("program")).mode()).isEqualTo(0755);
        assertThat(FileStamp.read(target.resolve("d")).mode()).isEqualTo(0777);
    }

    @Test
    void aDirectoryThatMayNotBeWrittenIsFilledAllTheSame() throws IOException {
        // Given
        Snapshot snapshot = snapshot(Map.of("d", new Entry.Directory(0555), "d/file", file("x")));

        // When
        pull(snapshot);
        Files.writeString(outside.resolve("unrelated"), "");
        pull(snapshot);

        // Then
        assertThat(FileStamp.read(target.resolve("d")).mode()).isEqualTo(0555);
        assertThat(target.resolve("d/file")).hasContent("x");
        Files.setPosixFilePermissions(target.resolve("d"), FileModes.permissions(0755));
    }

    @Test
    void ofManySmallFilesFewAreOpenAtOnce() throws IOException {
        // Given
        int files = 300;
        AtomicInteger written = new AtomicInteger();
        AtomicInteger placed = new AtomicInteger();
        AtomicInteger mostOpen = new AtomicInteger();
        ContentPipeline.Listener listener = new ContentPipeline.Listener() {
            @Override
            public void downloaded(int bytes) {
                mostOpen.accumulateAndGet(written.incrementAndGet() - placed.get(), Math::max);
            }

            @Override
            public void reused(int bytes) {}

            @Override
            public void placed() {
                placed.incrementAndGet();
            }
        };
        Files.createDirectory(target);
        ContentReader reader = new ContentReader(connection.nodes());
        // When
        try (PullStaging staging = PullStaging.make(target);
                ContentPipeline pipeline = new ContentPipeline(
                        connection.chunks(), staging.tree(), 1, LocalChunks.NONE, false, listener)) {
            for (int i = 0; i < files; i++) {
                Entry.RegularFile file = file("file " + i);
                TreePath place = TreePath.parse("file" + i);
                pipeline.add(file, reader.chunks(file), staged -> staging.tree().place(staged, place));
            }
            pipeline.finish();
        }
        // Then one that is whole is put at its place before the next is written
        assertThat(placed).hasValue(files);
        assertThat(mostOpen).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofManyCopiesFewAreOpenAtOnce(boolean local) throws IOException {
        // Given files of the same chunks, which this machine holds already or not
        int files = 300;
        AtomicInteger mostOpen = new AtomicInteger();
        Files.createDirectory(target);
        byte[] bytes = new byte[3 * 4096];
        FileBuilder builder = new FileBuilder(gateway::store);
        for (int i = 0; i < 3; i++) {
            ByteBuffer chunk = ByteBuffer.wrap(bytes, 4096 * i, 4096)
                    .put(4096 * i, (byte) i)
                    .slice();
            gateway.store(ChunkKind.DATA, Digest.of(chunk), chunk);
            builder.add(Digest.of(chunk), 4096);
        }
        Entry.RegularFile file = new Entry.RegularFile(bytes.length, 0644, Timestamp.EPOCH, builder.finish());
        LocalChunks source = new LocalChunks() {
            @Override
            public Origin find(Digest digest) {
                return _ -> true;
            }

            @Override
            public int copy(List<Piece> pieces) throws IOException {
                for (Piece piece : pieces) {
                    int offset = (int) piece.offset();
                    Positional.write(piece.target().channel(), ByteBuffer.wrap(bytes, offset, 4096), offset);
                }
                return pieces.size();
            }
        };
        ContentPipeline.Listener listener = new ContentPipeline.Listener() {
            @Override
            public void downloaded(int length) {
                look();
            }

            @Override
            public void reused(int length) {
                look();
            }

            private void look() {
                try (Stream<Path> staged = Files.find(target, 2, (_, attributes) -> attributes.isRegularFile())) {
                    mostOpen.accumulateAndGet(
                            (int) staged.filter(path -> target.relativize(path).getNameCount() == 2)
                                    .count(),
                            Math::max);
                } catch (IOException | UncheckedIOException moved) {
                    // One of them stands at its place.
                }
            }

            @Override
            public void placed() {}
        };
        ContentReader reader = new ContentReader(connection.nodes());

        // When
        try (PullStaging staging = PullStaging.make(target);
                ContentPipeline pipeline = new ContentPipeline(
                        connection.chunks(), staging.tree(), 1, local ? source : LocalChunks.NONE, false, listener)) {
            for (int i = 0; i < files; i++) {
                TreePath place = TreePath.parse("file" + i);
                pipeline.add(file, reader.chunks(file), staged -> staging.tree().place(staged, place));
            }
            pipeline.finish();
        }

        // Then
        assertThat(mostOpen.get()).isBetween(1, 20);
        assertThat(target.resolve("file" + (files - 1))).hasBinaryContent(bytes);
    }

    private PullStatistics pull(Snapshot snapshot) throws IOException {
        return materialiser.pull(PullRequest.of(snapshot, target), PullListener.NONE);
    }

    private void assertOutsideUntouched() throws IOException {
        try (Stream<Path> files = Files.list(outside)) {
            assertThat(files.map(file -> file.getFileName().toString()).toList())
                    .isEqualTo(List.of("file"));
        }
        assertThat(outside.resolve("file")).hasContent("untouched");
        assertThat(Files.isDirectory(outside, LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    private Snapshot snapshot(Map<String, Entry> entries) {
        TreeMap<TreePath, Entry> sorted = new TreeMap<>();
        entries.forEach((path, entry) -> sorted.put(TreePath.parse(path), entry));
        TreeBuilder builder = new TreeBuilder(gateway::store);
        sorted.forEach(builder::add);
        return gateway.publish(builder.finish().digest());
    }

    private static Entry.Directory directory() {
        return new Entry.Directory(0755);
    }

    private Entry.RegularFile file(String text) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        Digest digest = Digest.of(bytes);
        gateway.store(ChunkKind.DATA, digest, bytes);
        return new Entry.RegularFile(
                bytes.remaining(), 0644, new Timestamp(1_000_000, 123_456_789), new Content.SingleChunk(digest));
    }
}
