package dev.tidegate.workstation.sync;

import static dev.tidegate.workstation.sync.SyncBench.content;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.files.StampJournal;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.materialise.ContentPipeline;
import dev.tidegate.materialise.LocalChunks;
import dev.tidegate.materialise.SecureTree;
import dev.tidegate.testing.SeededRandom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Directories that have to give way while somebody uses them. */
class GivingWayTest extends BenchTests {

    private final List<String> told = new ArrayList<>();

    @Test
    void whatIsPutIntoADirectoryWhileThatIsLookedAtIsKept(@SeededRandom Random random) throws IOException {
        // Given a directory of which one file has to be read before the directory can give way
        byte[] big = new byte[100 * 4096];
        random.nextBytes(big);
        Entry.RegularFile now = bench.file("now");
        bench.sync(bench.publish(Map.of("d/a/x", bench.file("x"), "d/b/big", bench.file(big, 4096))));
        Files.setLastModifiedTime(target.resolve("d/b/big"), FileTime.fromMillis(0));

        // When somebody puts something there while it is read
        NodeSource nodes = bench.connection.nodes();
        replace(now, references -> {
            write(target.resolve("d/a/mine.txt"));
            return nodes.read(references);
        });

        // Then
        assertThat(told).singleElement().asString().startsWith("d -> d.local-");
        assertThat(content(target)).containsEntry("d", "now").containsValue("mine");

        // And when nobody does
        bench.sync(bench.publish(Map.of("d/a/x", bench.file("x"), "d/b/big", bench.file(big, 4096))));
        Files.setLastModifiedTime(target.resolve("d/b/big"), FileTime.fromMillis(0));
        told.clear();
        Map<String, String> kept = content(target);
        kept.keySet().removeIf(path -> path.equals("d") || path.startsWith("d/"));
        replace(now, nodes);

        // Then it is gone
        kept.put("d", "now");
        assertThat(told).isEmpty();
        assertThat(content(target)).isEqualTo(kept);
    }

    /** The second walk of a sync, over a file that takes the place of a directory. */
    private void replace(Entry.RegularFile file, NodeSource nodes) throws IOException {
        ContentReader contents = new ContentReader(nodes);
        TreePath path = TreePath.parse("d");
        SyncCounts counts = new SyncCounts();
        try (LocalState state = LocalState.open(target, "art_1");
                SecureTree tree = SecureTree.open(target, LocalState.STAGING);
                StampJournal journal = state.newJournal();
                Decisions decisions = new Decisions(tree, contents, state::known, false);
                ContentPipeline pipeline =
                        new ContentPipeline(bench.connection.chunks(), tree, 1, LocalChunks.NONE, false, counts);
                Changes changes = new Changes(
                        tree,
                        state,
                        decisions,
                        contents,
                        pipeline,
                        new LocalFiles(tree, contents, false, 1024),
                        journal,
                        counts,
                        new SetAside(tree, Instant.now(), (from, to) -> told.add(from + " -> " + to)),
                        edited -> told.add(edited.toString()),
                        PathFilter.ALL,
                        false)) {
            changes.wanted(new Wanted(path, file, false), null, tree.standing(path));
            pipeline.finish();
            changes.complete();
            tree.emptyStaging(false);
        }
    }

    private static void write(Path file) {
        try {
            Files.writeString(file, "mine");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
