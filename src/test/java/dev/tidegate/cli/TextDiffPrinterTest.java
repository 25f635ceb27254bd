package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.manifest.Change;
import dev.tidegate.manifest.Content;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.workstation.TextComparison;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextDiffPrinterTest {

    private static final Entry FILE = new Entry.RegularFile(0, 0644, new Timestamp(0, 0), Content.Empty.INSTANCE);

    @Test
    void headersNamePathsAsPatchReadsThem() throws IOException {
        TreePath path = TreePath.parse("sub/a b.txt");
        assertThat(print(new Change.Changed(path, FILE, FILE)))
                .containsExactly("--- a/sub/a b.txt\tart_1@1", "+++ b/sub/a b.txt\tart_1@2");
        assertThat(print(new Change.Added(path, FILE))).containsExactly("--- /dev/null", "+++ b/sub/a b.txt\tart_1@2");
        assertThat(print(new Change.Removed(path, FILE)))
                .containsExactly("--- a/sub/a b.txt\tart_1@1", "+++ /dev/null");
    }

    private static List<String> print(Change change) throws IOException {
        List<String> lines = new ArrayList<>();
        new TextDiffPrinter(lines::add, "art_1@1", "art_1@2").print(change, new TextComparison.Lines(List.of()));
        return lines;
    }
}
