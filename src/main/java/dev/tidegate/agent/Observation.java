package dev.tidegate.agent;

import dev.tidegate.files.FileStamp;
import dev.tidegate.files.KnownFile;
import dev.tidegate.files.ScannedDirectory;
import dev.tidegate.files.StampReader;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Notes the stamps of the files that are new or changed since the last push, so that a later walk can tell which of them
 * have been quiet. Two walks a known time apart need no clock: neither that of the file system nor that of this machine,
 * which may be set at any moment.
 */
final class Observation implements TreeScanner.Visitor {

    /** Takes what is noted, in the order of the paths. */
    @FunctionalInterface
    interface Notes {
        void add(KnownFile found) throws IOException;
    }

    private final Selection selection;
    private final StampReader known;
    private final Foreign foreign;
    private final Notes observed;
    private boolean foundAnything;

    Observation(Selection selection, StampReader known, Foreign foreign, Notes observed) {
        this.selection = selection;
        this.known = known;
        this.foreign = foreign;
        this.observed = observed;
    }

    /** Whether there is anything that may have to be waited for. */
    boolean foundAnything() {
        return foundAnything;
    }

    @Override
    public @Nullable List<Path> enter(ScannedDirectory directory, List<Path> children) throws IOException {
        TreePath path = directory.path();
        Optional<UnitWalk.Found> shards = selection.observe(directory, children);
        if (path == null || shards.isEmpty()) {
            return selection.withoutCheckpoints(children);
        }
        foundAnything = true;
        observed.add(Observed.of(path, shards.get().fingerprint()));
        return null;
    }

    @Override
    public void found(TreePath path, Path file, FileStamp stamp, ScannedDirectory parent) throws IOException {
        if (stamp.type() == FileStamp.Type.FILE && !foreign.holds(path, stamp)) {
            KnownFile before = known.find(path);
            if (before == null || !before.stillDescribes(stamp)) {
                foundAnything = true;
                observed.add(Observed.of(path, stamp));
            }
        }
    }

    @Override
    public void link(TreePath path, Path file, FileStamp stamp, Entry.SymbolicLink link) {}

    @Override
    public void omitted(String path, TreeScanner.Omission omission, String detail) {}

    @Override
    public void unreadable(TreePath path, String detail) {}
}
