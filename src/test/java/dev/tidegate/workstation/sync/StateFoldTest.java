package dev.tidegate.workstation.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.StampJournal;
import dev.tidegate.files.StampJournal.Kind;
import dev.tidegate.files.StampReader;
import dev.tidegate.files.StampWriter;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.PathPattern;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.SecureTree;
import dev.tidegate.testing.SeededRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal, the stamps that it is taken into, and the marker. */
class StateFoldTest {

    @TempDir
    private Path root;

    private LocalState state;
    private SecureTree tree;

    @BeforeEach
    void open() throws IOException {
        state = LocalState.open(root, "art_1");
        tree = SecureTree.open(root, LocalState.STAGING);
    }

    @AfterEach
    void close() throws IOException {
        tree.close();
        state.close();
    }

    @Test
    void aJournalInAnyOrderBecomesWhatIsKnown(@SeededRandom Random random) throws IOException {
        // Given what is known, and a journal of several runs
        TreeMap<TreePath, KnownFile> model = new TreeMap<>();
        for (int i = 0; i < 100; i++) {
            KnownFile known = known("file-" + random.nextInt(200), i);
            model.put(known.path(), known);
        }
        try (StampWriter writer = state.newKnown()) {
            for (KnownFile known : model.values()) {
                writer.add(known);
            }
            writer.publish(StampReader.NOTHING_SAID, StampReader.NOTHING_SAID);
        }
        try (StampJournal journal = state.newJournal()) {
            for (int i = 1000; i < 1300; i++) {
                KnownFile known = known("file-" + random.nextInt(200), i);
                boolean gone = random.nextInt(3) == 0;
                journal.add(gone ? Kind.GONE : Kind.STANDS, gone ? Stamps.gone(known.path()) : known);
                if (gone) {
                    model.remove(known.path());
                } else {
                    model.put(known.path(), known);
                }
            }
        }

        // When
        new StateFold(state, tree, true, 7).fold();

        // Then
        assertThat(read()).containsExactlyElementsOf(model.values());
        assertThat(state.journal()).doesNotExist();
        assertThat(root.resolve(".tidegate").toFile().list()).containsExactlyInAnyOrder("lock", "staging", "state");
    }

    @Test
    void whatWasIntendedCountsIfItStandsThere() throws IOException {
        // Given: one was put into place, one was not, and of one somebody has made another
        KnownFile placed = standing("placed");
        KnownFile replaced = standing("replaced");
        Files.move(
                Files.writeString(root.resolve("new"), "replaced"),
                root.resolve("replaced"),
                StandardCopyOption.REPLACE_EXISTING);
        KnownFile before = known("replaced", 1);
        try (StampWriter writer = state.newKnown()) {
            writer.add(before);
            writer.publish(StampReader.NOTHING_SAID, StampReader.NOTHING_SAID);
        }
        try (StampJournal journal = state.newJournal()) {
            journal.add(Kind.INTENDED, known("absent", 2));
            journal.add(Kind.INTENDED, replaced);
            journal.add(Kind.INTENDED, placed);
        }

        // When
        new StateFold(state, tree, true).fold();

        // Then
        assertThat(read()).extracting(known -> known.path().toString()).containsExactly("placed", "replaced");
        assertThat(read().getLast()).isEqualTo(before);
    }

    @Test
    void afterAPowerCutNothingThatTheJournalSaysIsTrusted() throws IOException {
        // Given
        KnownFile placed = standing("placed");
        try (StampJournal journal = state.newJournal()) {
            journal.add(Kind.STANDS, placed);
        }

        // When
        new StateFold(state, tree, false).fold();

        // Then
        assertThat(read()).singleElement().satisfies(known -> {
            assertThat(known.settled()).isFalse();
            assertThat(known.stillDescribes(known.stamp())).isFalse();
        });
    }

    @Test
    void damageEndsAJournalAndAddsNothing(@SeededRandom Random random) throws IOException {
        // Given
        List<KnownFile> written = new ArrayList<>();
        try (StampJournal journal = state.newJournal()) {
            for (int i = 0; i < 50; i++) {
                written.add(known("file-" + i, i));
                journal.add(Kind.STANDS, written.getLast());
            }
        }
        byte[] bytes = Files.readAllBytes(state.journal());
        for (int round = 0; round < 100; round++) {
            // When
            byte[] damaged = round % 2 == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes.clone();
            if (damaged.length > 0) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(state.journal(), damaged);

            // Then
            List<KnownFile> read = new ArrayList<>();
            try (StampJournal.Reader reader = StampJournal.read(state.journal())) {
                reader.forEachRemaining(note -> read.add(note.file()));
            }
            assertThat(written.subList(0, read.size())).isEqualTo(read);
            assertThat(read.size()).isLessThan(written.size());
        }
    }

    @Test
    void aMarkerSaysWhatItWasGiven() throws IOException {
        // Given
        Marker marker = new Marker(
                false,
                "art_1",
                "run \"x\"/crud",
                7,
                new Digest(1, 2, 3, 4),
                6,
                new PathFilter(List.of(PathPattern.parse("**/*.pt")), List.of(PathPattern.parse("a\nb"))),
                Marker.thisBoot());
        assertThat(state.marker()).isEmpty();

        // When
        state.write(marker);

        // Then
        Marker read = state.marker().orElseThrow();
        assertThat(read.toJson()).isEqualTo(marker.toJson());
        assertThat(read.isOfThisBoot()).isEqualTo(!Marker.thisBoot().isEmpty());
        assertThat(LocalState.marker(root.resolve("elsewhere"))).isEqualTo(Optional.empty());

        // And when it is damaged
        Files.writeString(root.resolve(".tidegate/marker"), "{");

        // Then
        assertThatThrownBy(() -> state.marker())
                .isInstanceOf(SyncRefusedException.class)
                .hasMessageContaining("delete it and sync again");
    }

    @Test
    void oneSyncAtATimeWritesIntoADirectory() {
        assertThatThrownBy(() -> LocalState.open(root, "art_1"))
                .isInstanceOf(SyncRefusedException.class)
                .hasMessageContaining("another sync");
    }

    private KnownFile standing(String name) throws IOException {
        Files.writeString(root.resolve(name), name);
        return new KnownFile(
                TreePath.parse(name),
                FileStamp.read(root.resolve(name)),
                true,
                new Content.SingleChunk(new Digest(1, 1, 1, 1)));
    }

    private static KnownFile known(String name, int number) {
        FileStamp stamp = new FileStamp(FileStamp.Type.FILE, 1, 0644, SyncBench.TIME, SyncBench.TIME, number);
        return new KnownFile(TreePath.parse(name), stamp, true, new Content.SingleChunk(new Digest(number, 0, 0, 0)));
    }

    private List<KnownFile> read() {
        List<KnownFile> files = new ArrayList<>();
        try (StampReader known = state.known()) {
            for (KnownFile next = known.next(); next != null; next = known.next()) {
                files.add(next);
            }
        }
        return files;
    }
}
