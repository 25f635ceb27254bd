package dev.tidegate.workstation.sync;

import static dev.tidegate.workstation.sync.SyncBench.content;
import static dev.tidegate.workstation.sync.SyncBench.directory;
import static dev.tidegate.workstation.sync.SyncBench.link;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.Materialiser;
import dev.tidegate.materialise.PullListener;
import dev.tidegate.materialise.PullRequest;
import dev.tidegate.materialise.PullStatistics;
import dev.tidegate.testing.MountedDisk;
import dev.tidegate.v1.Snapshot;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What archives, mirrors and registries have been led out of their directories by. */
class EscapeTest extends BenchTests {

    private Path outside;

    @BeforeEach
    void openOutside() throws IOException {
        outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("file"), "untouched");
    }

    /** A manifest that holds such a path is refused where it is decoded: no reader can be handed one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                ".",
                "../x",
                "a/../../x",
                "a/..",
                "/etc/passwd",
                "//server/share",
                "a//b",
                "a/",
                "./a",
                "a/./b",
                "a\0b",
                ""
            })
    void pathsThatLeadOutCannotBeInAManifest(String path) {
        assertThatThrownBy(() -> TreePath.parse(path)).isInstanceOf(ManifestException.InvalidPath.class);
    }

    /** Such names lead out on other systems, or through careless programs; here they are names. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "..\\..\\x",
                "C:\\x",
                "c:x",
                "\\\\server\\share",
                "...",
                ".. ",
                "..;",
                "%2e%2e%2fx",
                "~",
                "~root",
                "-rf",
                "CON",
                "NUL",
                "aux.txt",
                "COM1",
                "file:stream",
                "a\nb",
                "a\u001b[2Jb",
                "\u202egpj.exe",
                "\u2025",
                "\uff0e\uff0e",
                "$HOME",
                "`x`",
                ".tidegate ",
                ".TIDEGATE",
                ".tidegate-lock",
                "lost+found",
                ".git"
            })
    void namesThatMeanSomethingElsewhereAreNames(String name) throws IOException {
        // When
        bench.sync(bench.publish(Map.of(name, bench.file("x"), name + "d/" + name, bench.file("y"))));

        // Then
        assertThat(content(target)).isEqualTo(Map.of(name, "x", name + "d", "/", name + "d/" + name, "y"));
        assertOnlyTarget();
    }

    @Test
    void linksOfTheSnapshotAreNotFollowed() throws IOException {
        // Given a link and, in a later snapshot, a file below its name; and one that looks as if it were below it
        Map<String, Entry> links = Map.of(
                "absolute", link(outside.toString()),
                "relative", link("../outside"),
                "chain", link("relative"),
                "self", link("self"),
                "deep/up", link("../../outside"),
                "file", link("../outside/file"));
        Snapshot first = bench.publish(links);
        Map<String, Entry> files = new HashMap<>();
        links.keySet().forEach(path -> files.put(path.equals("file") ? path : path + "/file", bench.file("new")));
        Snapshot second = bench.publish(files);

        // When
        bench.sync(first);
        bench.sync(second);

        // Then
        assertThat(content(target).values()).doesNotContain("untouched").contains("new");
        assertThat(Files.isDirectory(target.resolve("absolute"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertOnlyTarget();

        // And back
        bench.sync(first);
        assertThat(Files.readSymbolicLink(target.resolve("relative"))).isEqualTo(Path.of("../outside"));
        assertOnlyTarget();
    }

    @Test
    void linksThatWerePlantedAreNotFollowed() throws IOException {
        // Given
        Snapshot snapshot = bench.publish(Map.of(
                "a",
                directory(),
                "a/file",
                bench.file("new"),
                "implied/file",
                bench.file("new"),
                "file",
                bench.file("new")));
        bench.sync(snapshot);
        Snapshot empty = bench.publish(Map.of("other", bench.file("x")));
        for (String name : List.of("a", "implied")) {
            Files.delete(target.resolve(name).resolve("file"));
            Files.delete(target.resolve(name));
            Files.createSymbolicLink(target.resolve(name), outside);
        }
        Files.delete(target.resolve("file"));
        Files.createSymbolicLink(target.resolve("file"), outside.resolve("file"));

        // When everything is to be removed, and when it is to be there again
        bench.sync(empty);
        assertOnlyTarget();
        SyncReport report = bench.sync(snapshot);

        // Then
        assertOnlyTarget();
        assertThat(content(target)).containsEntry("a/file", "new").containsEntry("implied/file", "new");
        assertThat(report.setAside().count()).isEqualTo(3);
    }

    @Test
    void aHardLinkIsReplacedAndNotWrittenThrough() throws IOException {
        // Given
        Files.createDirectories(target);
        Files.createLink(target.resolve("file"), outside.resolve("file"));

        // When
        bench.sync(bench.publish(Map.of("file", bench.file("new"))));

        // Then
        assertOnlyTarget();
        assertThat(target.resolve("file")).hasContent("new");
    }

    @Test
    void whatIsNoFileGivesWayUnopened() throws Exception {
        // Given
        Files.createDirectories(target);
        int made = new ProcessBuilder(
                        "mkfifo",
                        target.resolve("file").toString(),
                        target.resolve("d").toString())
                .start()
                .waitFor();
        assertThat(made).isZero();

        // When
        SyncReport report = bench.sync(bench.publish(Map.of("file", bench.file("new"), "d/file", bench.file("new"))));

        // Then
        assertThat(report.setAside().count()).isEqualTo(2);
        assertThat(target.resolve("d/file")).hasContent("new");
    }

    @Test
    void theNameOfTheStateIsLeftOut() throws IOException {
        // Given
        Snapshot snapshot = bench.publish(Map.of(
                ".tidegate", directory(),
                ".tidegate/marker", bench.file("forged"),
                ".tidegate/staging/x", bench.file("forged"),
                "sub/.tidegate/x", bench.file("mine")));

        // When
        SyncReport report = bench.sync(snapshot);

        // Then
        assertThat(report.omitted().first()).singleElement().asString().startsWith(".tidegate is left out");
        assertThat(Files.readString(target.resolve(".tidegate/marker"))).doesNotContain("forged");
        assertThat(content(target)).containsEntry("sub/.tidegate/x", "mine").hasSize(3);
    }

    @Test
    void aPlantedStateDirectoryIsRefused() throws IOException {
        // Given
        Files.createDirectories(target);
        Files.createSymbolicLink(target.resolve(".tidegate"), outside);
        Snapshot snapshot = bench.publish(Map.of("file", bench.file("new")));

        // When, then
        assertThatThrownBy(() -> bench.sync(snapshot)).isInstanceOf(SyncRefusedException.class);
        assertOnlyTarget();

        // And when the staging directory is elsewhere
        Files.delete(target.resolve(".tidegate"));
        Files.createDirectory(target.resolve(".tidegate"));
        Files.createSymbolicLink(target.resolve(".tidegate/staging"), outside);

        // Then
        assertThatThrownBy(() -> bench.sync(snapshot)).isInstanceOf(SyncRefusedException.class);
        assertOnlyTarget();
    }

    @Test
    void linksInTheStateAreNotFollowed() throws IOException {
        // Given links, also to what is not there, in the place of all that sync keeps
        Snapshot first =
                bench.publish(Map.of("file", bench.file("1"), "gone", bench.file("1"), "d/x", bench.file("1")));
        Snapshot second = bench.publish(Map.of("file", bench.file("2")));
        bench.sync(first);
        for (Path leadsTo : List.of(outside.resolve("file"), outside.resolve("absent"))) {
            for (String name : List.of(
                    "marker.new", "state", "state.tmp", "journal", "removals", "removals.tmp", "modes.tmp", "run-0")) {
                Path link = target.resolve(".tidegate").resolve(name);
                Files.deleteIfExists(link);
                Files.createSymbolicLink(link, leadsTo);
            }

            // When
            bench.sync(second);
            bench.sync(first);

            // Then
            assertOnlyTarget();
            assertThat(target.resolve("file")).hasContent("1");
            assertThat(LocalState.marker(target).orElseThrow().complete()).isTrue();
        }

        // And a marker that stands elsewhere is none of this directory
        Path marker = target.resolve(".tidegate/marker");
        Files.move(marker, outside.resolve("marker"));
        Files.createSymbolicLink(marker, outside.resolve("marker"));
        assertThatThrownBy(() -> bench.sync(first))
                .isInstanceOf(SyncRefusedException.class)
                .hasMessageContaining("delete it and sync again");
    }

    @Test
    void otherNamesOfFilesInTheStateAreNotWrittenThrough() throws IOException {
        // Given other names of a file outside in the place of all that sync keeps
        Snapshot first = bench.publish(Map.of("file", bench.file("1"), "gone", bench.file("1")));
        Snapshot second = bench.publish(Map.of("file", bench.file("2")));
        bench.sync(first);
        for (String name : List.of(
                "lock",
                "marker.new",
                "state",
                "state.tmp",
                "journal",
                "removals",
                "removals.tmp",
                "modes.tmp",
                "run-0")) {
            Path planted = target.resolve(".tidegate").resolve(name);
            Files.deleteIfExists(planted);
            Files.createLink(planted, outside.resolve("file"));
        }

        // When
        bench.sync(second);

        // Then
        assertOnlyTarget();
        assertThat(target.resolve("file")).hasContent("2");
        assertThat(LocalState.marker(target).orElseThrow().complete()).isTrue();
    }

    @Test
    void aPullBringsNothingIntoTheState() throws IOException {
        // Given
        Snapshot snapshot = bench.publish(Map.of(
                ".tidegate/state.tmp",
                link("../../outside/file"),
                ".tidegate/staging/x",
                bench.file("forged"),
                "sub/.tidegate/x",
                bench.file("mine")));
        List<String> warnings = new ArrayList<>();
        PullListener listener = new PullListener() {
            @Override
            public void warning(String sentence) {
                warnings.add(sentence);
            }
        };

        // When
        PullStatistics pulled = new Materialiser(bench.connection, temporary.resolve("states"))
                .pull(PullRequest.of(snapshot, target), listener);

        // Then
        assertThat(pulled.leftOut()).isEqualTo(1);
        assertThat(warnings).singleElement().asString().startsWith(".tidegate is left out");
        assertThat(target.resolve(".tidegate")).doesNotExist();
        assertThat(content(target)).isEqualTo(Map.of("sub", "/", "sub/.tidegate", "/", "sub/.tidegate/x", "mine"));
    }

    @Test
    void namesThatAreOneHereDoNotMeet() throws IOException {
        // Given a destination that takes names for one that differ in case or Unicode form
        bench.foldsNames = _ -> true;
        Snapshot snapshot = bench.publish(new TreeMap<>(Map.of(
                "A", link("../outside"),
                "README", bench.file("first"),
                "a/file", bench.file("through the link"),
                "readme", bench.file("second"),
                "e\u0301", bench.file("first"),
                "\u00e9", bench.file("second"),
                "\u212a", bench.file("Kelvin"),
                "k", bench.file("letter"),
                ".Tide\u200cGate/marker", bench.file("forged"))));

        // When
        SyncReport report = bench.sync(snapshot);

        // Then
        assertThat(report.omitted().count()).isEqualTo(5);
        assertThat(report.omitted().first())
                .anySatisfy(line -> assertThat(line).contains("readme").contains("README"));
        assertThat(content(target).keySet()).containsExactlyInAnyOrder("A", "README", "e\u0301", "k");
        assertThat(target.resolve("README")).hasContent("first");
        assertOnlyTarget();
    }

    @Test
    void aFileWhoseNameHasAnotherFormNowIsTheSameFile() throws IOException {
        // Given a destination in which two names are one file each
        bench.foldsNames = _ -> true;
        bench.sync(bench.publish(
                Map.of("README", bench.file("same"), "CHANGES", bench.file("old"), "E\u0301", bench.file("edited"))));
        Files.createLink(target.resolve("readme"), target.resolve("README"));
        Files.createLink(target.resolve("changes"), target.resolve("CHANGES"));
        Files.createLink(target.resolve("\u00e9"), target.resolve("E\u0301"));
        Files.writeString(target.resolve("\u00e9"), "mine");

        // When
        Snapshot renamed = bench.publish(
                Map.of("readme", bench.file("same"), "changes", bench.file("new"), "\u00e9", bench.file("newer")));
        SyncReport report = bench.sync(renamed);

        // Then it is not removed under its old name, and gives way only if it was changed
        assertThat(report.done().filesRemoved()).isZero();
        assertThat(report.edited().count()).isZero();
        assertThat(report.setAside().first()).singleElement().asString().startsWith("\u00e9 -> \u00e9.local-");
        assertThat(content(target))
                .containsEntry("README", "same")
                .containsEntry("readme", "same")
                .containsEntry("changes", "new")
                .containsEntry("\u00e9", "newer")
                .containsValue("mine");

        // And when it goes, then it is known by its new name
        SyncReport next = bench.sync(bench.publish(Map.of("other", bench.file("x"))));
        assertThat(next.done().filesRemoved()).isEqualTo(3);
        assertThat(content(target)).doesNotContainKeys("readme", "changes", "\u00e9");
    }

    @Test
    void aFileWhoseNameHasAnotherFormThatIsToldApartHereIsRemoved() throws IOException {
        // Given a destination that takes some names for one, but not these
        bench.foldsNames = _ -> true;
        bench.sync(bench.publish(Map.of("README", bench.file("same"), "Data/w1", bench.file("weights"))));

        // When
        bench.sync(bench.publish(Map.of("readme", bench.file("same"), "data/w1", bench.file("weights"))));

        // Then
        assertThat(content(target)).isEqualTo(Map.of("readme", "same", "data", "/", "data/w1", "weights"));
    }

    @Test
    void aDirectoryWhoseNameHasAnotherFormNowIsTheSameDirectory() throws IOException {
        // Given a destination in which two names are one directory
        bench.foldsNames = _ -> true;
        Map<String, Entry> entries =
                Map.of("Data", directory(), "Data/gone", bench.file("x"), "Data/w1", bench.file("1"));
        bench.sync(bench.publish(entries));
        try (MountedDisk _ = MountedDisk.bind(Files.createDirectory(target.resolve("data")), target.resolve("Data"))) {
            // When
            Snapshot renamed = bench.publish(Map.of("data", directory(), "data/w1", bench.file("1")));
            SyncReport report = bench.sync(renamed);

            // Then
            assertThat(report.done().filesRemoved()).isEqualTo(1);
            assertThat(report.done().directoriesRemoved()).isZero();
            assertThat(content(target)).isEqualTo(Map.of("Data", "/", "Data/w1", "1", "data", "/", "data/w1", "1"));
            assertThat(bench.sync(renamed).done().filesKept()).isEqualTo(1);
        }
    }

    @Test
    void setIdBitsAndDevicesDoNotArrive() throws IOException {
        // When
        byte[] bytes = {1};
        bench.sync(bench.publish(
                Map.of("program", bench.file(bytes, 07777, SyncBench.TIME), "d", new Entry.Directory(07777))));

        // Then
        assertThat((int) Files.getAttribute(target.resolve("program"), "unix:mode") & 07777)
                .isEqualTo(0777);
        assertThat((int) Files.getAttribute(target.resolve("d"), "unix:mode") & 07777)
                .isEqualTo(0777);
    }

    @Test
    void directoriesThatAreSwappedForLinksLeadNowhere() throws Exception {
        // Given somebody who swaps directories for links while syncs and pulls go on
        Map<String, Entry> one = new TreeMap<>();
        Map<String, Entry> other = new TreeMap<>();
        for (int i = 0; i < 200; i++) {
            one.put("d/sub/file-" + i, bench.file("one " + i));
            other.put("d/sub/file-" + i, bench.file("other " + i));
        }
        List<Snapshot> snapshots = List.of(bench.publish(one), bench.publish(other));
        Path away = temporary.resolve("away");
        AtomicBoolean ended = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> swap(away, ended));
        Materialiser materialiser = new Materialiser(bench.connection, temporary.resolve("states"));

        // When
        long end = System.nanoTime() + 3_000_000_000L;
        int rounds = 0;
        int failures = 0;
        for (; System.nanoTime() < end; rounds++) {
            try {
                Snapshot snapshot = snapshots.get(rounds % 2);
                if (rounds % 4 == 3) {
                    materialiser.pull(PullRequest.of(snapshot, target).withForce(true), PullListener.NONE);
                } else {
                    bench.sync(snapshot);
                }
            } catch (IOException failed) {
                // A directory that is a link at this moment cannot be written.
                failures++;
            }
        }
        ended.set(true);
        swapper.join();

        // Then
        assertThat(content(outside)).isEqualTo(Map.of("file", "untouched", "sub", "/"));
        assertThat(rounds).isGreaterThan(2);
        System.out.println("swapped: " + rounds + " rounds, " + failures + " failed");
        if (Files.exists(away)) {
            Files.deleteIfExists(target.resolve("d"));
        }
        bench.sync(snapshots.getFirst());
        assertThat(target.resolve("d/sub/file-0")).hasContent("one 0");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsPutIntoADirectoryDoesNotGoWithItWhenThatIsMoved(boolean sync) throws IOException {
        // Given somebody who moves a directory, or the one above it, out of the target while it is filled
        Map<String, Entry> files = new HashMap<>();
        for (int i = 0; i < 6000; i++) {
            files.put("above/d/file-" + i, bench.file("content " + i));
        }
        Snapshot snapshot = bench.publish(files);
        Path above = target.resolve("above");
        Path moved = outside.resolve("moved");
        AtomicLong whenMoved = new AtomicLong(-1);
        bench.gateway.cutAtFrame = _ -> {
            if (whenMoved.get() < 0 && count(above.resolve("d")) >= 48) {
                synchronized (whenMoved) {
                    if (whenMoved.get() < 0) {
                        assertThat(above.toFile().renameTo(moved.toFile())).isTrue();
                        whenMoved.set(count(moved.resolve("d")));
                    }
                }
            }
            return false;
        };

        // When, then
        Materialiser materialiser = new Materialiser(bench.connection, temporary.resolve("states"));
        assertThatThrownBy(() -> {
                    if (sync) {
                        bench.sync(snapshot);
                    } else {
                        materialiser.pull(PullRequest.of(snapshot, target), PullListener.NONE);
                    }
                })
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(above.toString())
                .hasMessageContaining("moved");
        synchronized (whenMoved) {
            // Whoever moved it may be counting still: the failure comes as soon as it is moved.
            assertThat(whenMoved).hasNonNegativeValue();
        }
        assertThat(count(moved.resolve("d"))).isLessThanOrEqualTo(whenMoved.get());
        if (sync) {
            assertThat(LocalState.marker(target).orElseThrow().complete()).isFalse();
        }
        bench.gateway.cutAtFrame = _ -> false;
        long outsideBefore = count(moved.resolve("d"));
        bench.sync(snapshot);
        assertThat(content(target)).hasSize(6002);
        assertThat(count(moved.resolve("d"))).isEqualTo(outsideBefore);
    }

    private static long count(Path directory) {
        String[] names = directory.toFile().list();
        return names == null ? 0 : names.length;
    }

    private void swap(Path away, AtomicBoolean ended) {
        try {
            Files.createDirectories(outside.resolve("sub"));
        } catch (IOException failed) {
            return;
        }
        Path directory = target.resolve("d");
        while (!ended.get()) {
            try {
                Files.move(directory, away);
                Files.createSymbolicLink(directory, outside);
                Thread.onSpinWait();
                Files.delete(directory);
                Files.move(away, directory);
            } catch (IOException moved) {
                try {
                    if (Files.isDirectory(away, LinkOption.NOFOLLOW_LINKS)) {
                        if (Files.isSymbolicLink(directory)) {
                            Files.delete(directory);
                        }
                        Files.move(
                                away,
                                Files.exists(directory) ? temporary.resolve("away-" + System.nanoTime()) : directory);
                    }
                } catch (IOException notNow) {
                    // Tried again.
                }
            }
        }
    }

    private void assertOnlyTarget() throws IOException {
        assertThat(content(outside)).isEqualTo(Map.of("file", "untouched"));
        try (var entries = Files.list(temporary)) {
            assertThat(entries.map(Path::getFileName).map(Path::toString))
                    .containsExactlyInAnyOrder("target", "outside");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(outside)))
                .startsWith("rwx");
    }
}
