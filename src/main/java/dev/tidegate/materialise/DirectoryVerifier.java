package dev.tidegate.materialise;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.ScannedDirectory;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.ContentReader;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.ManifestException;
import dev.tidegate.manifest.NodeSource;
import dev.tidegate.manifest.PathEntry;
import dev.tidegate.manifest.TreePath;
import dev.tidegate.manifest.TreeReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Walks a directory and a manifest side by side and notes where they differ. For one comparison. */
final class DirectoryVerifier implements TreeScanner.Visitor {

    private final TreeReader tree;
    private final ContentReader contents;
    private final Predicate<TreePath> concerns;
    private final PullProgress progress;
    private final FileComparison comparison = new FileComparison();
    private final List<Difference> differences = new ArrayList<>();
    private long differenceCount;
    private long additionalCount;
    private Iterator<PathEntry> entries = List.<PathEntry>of().iterator();
    private @Nullable PathEntry expected;

    DirectoryVerifier(NodeSource nodes, Predicate<TreePath> concerns, PullProgress progress) {
        this.concerns = concerns;
        this.tree = new TreeReader(nodes);
        this.contents = new ContentReader(nodes);
        this.progress = progress;
    }

    Verification verify(Digest root, Path directory) throws IOException {
        entries = tree.entries(root);
        advance();
        TreeScanner.of(directory).walk(this);
        while (expected != null) {
            missing(expected);
        }
        return new Verification(
                progress.files.get(),
                progress.bytes.get(),
                differences,
                differenceCount,
                additionalCount,
                progress.elapsed());
    }

    @Override
    public void found(TreePath path, Path file, FileStamp stamp, ScannedDirectory parent) throws IOException {
        Entry entry = expect(path);
        switch (entry) {
            case null -> {
                boolean implied = stamp.type() == FileStamp.Type.DIRECTORY
                        && expected != null
                        && expected.path().startsWith(path);
                if (!implied && concerns.test(path)) {
                    differ(Difference.Kind.ADDITIONAL, path);
                }
            }
            case Entry.RegularFile regular
            when stamp.type() == FileStamp.Type.FILE -> compare(path, file, stamp, regular);
            case Entry.Directory(int mode)
            when stamp.type() == FileStamp.Type.DIRECTORY -> compareModes(path, stamp, FileModes.ofDirectory(mode));
            case Entry.RegularFile _, Entry.Directory _, Entry.SymbolicLink _ -> differ(Difference.Kind.TYPE, path);
        }
    }

    @Override
    public void link(TreePath path, Path file, FileStamp stamp, Entry.SymbolicLink found) {
        switch (expect(path)) {
            case null -> {
                if (concerns.test(path)) {
                    differ(Difference.Kind.ADDITIONAL, path);
                }
            }
            case Entry.SymbolicLink link -> {
                // A text that leads into the directory by its absolute name is not what a pull writes.
                if (found.artifactRooted() || !found.target().equals(link.textFrom(path))) {
                    differ(Difference.Kind.TARGET, path);
                }
            }
            case Entry.RegularFile _, Entry.Directory _ -> differ(Difference.Kind.TYPE, path);
        }
    }

    @Override
    public void omitted(String path, TreeScanner.Omission omission, String detail) {
        if (isOfInterest(path)) {
            note(new Difference(Difference.Kind.ADDITIONAL, path));
        }
    }

    @Override
    public void unreadable(TreePath path, String detail) {
        boolean named = expect(path) != null;
        boolean anythingBelow = false;
        while (expected != null && expected.path().startsWith(path)) {
            anythingBelow = true;
            advance();
        }
        if (named || anythingBelow) {
            differ(Difference.Kind.UNREADABLE, path);
        } else if (concerns.test(path)) {
            differ(Difference.Kind.ADDITIONAL, path);
        }
    }

    /** A name that no snapshot can have is judged by the directory above it. */
    private boolean isOfInterest(String path) {
        int slash = path.lastIndexOf('/');
        try {
            return slash < 0 || concerns.test(TreePath.parse(path.substring(0, slash)));
        } catch (ManifestException.InvalidPath alsoImpossible) {
            return true;
        }
    }

    private void compare(TreePath path, Path file, FileStamp stamp, Entry.RegularFile regular) {
        progress.files.incrementAndGet();
        compareModes(path, stamp, regular.mode());
        if (stamp.size() != regular.size()) {
            differ(Difference.Kind.SIZE, path);
            return;
        }
        try {
            if (!comparison.matches(file, contents.chunks(regular))) {
                differ(Difference.Kind.CONTENT, path);
            }
            progress.bytes.addAndGet(regular.size());
        } catch (IOException unreadable) {
            differ(Difference.Kind.UNREADABLE, path);
        }
    }

    private void compareModes(TreePath path, FileStamp stamp, int mode) {
        if ((stamp.mode() & FileModes.KEPT) != (mode & FileModes.KEPT)) {
            differ(Difference.Kind.MODE, path);
        }
    }

    /** Returns the entry at a path, all before it having been told missing; null if there is none. */
    private @Nullable Entry expect(TreePath path) {
        while (expected != null) {
            int order = expected.path().compareTo(path);
            if (order > 0) {
                return null;
            }
            if (order == 0) {
                Entry entry = expected.entry();
                advance();
                return entry;
            }
            missing(expected);
        }
        return null;
    }

    private void missing(PathEntry entry) {
        differ(Difference.Kind.MISSING, entry.path());
        advance();
    }

    private void advance() {
        expected = null;
        while (expected == null && entries.hasNext()) {
            PathEntry next = entries.next();
            expected = concerns.test(next.path()) ? next : null;
        }
    }

    private void differ(Difference.Kind kind, TreePath path) {
        note(new Difference(kind, path.toString()));
    }

    private void note(Difference difference) {
        differenceCount++;
        if (difference.kind() == Difference.Kind.ADDITIONAL) {
            additionalCount++;
        }
        if (differences.size() < Verification.LISTED_DIFFERENCES) {
            differences.add(difference);
        }
    }
}
