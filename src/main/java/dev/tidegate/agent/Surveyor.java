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
import java.util.function.Consumer;

/** Surveys a directory, in step with the stamps of its last push. For one survey. */
final class Surveyor implements TreeScanner.Visitor {

    private final StampReader stamps;
    private final Foreign foreign;
    private final Consumer<TreePath> behind;
    private long entries;
    private long filesBehind;
    private long bytesBehind;

    /** Tells {@code behind} of each file that is not as the last push found it. */
    Surveyor(StampReader stamps, Foreign foreign, Consumer<TreePath> behind) {
        this.stamps = stamps;
        this.foreign = foreign;
        this.behind = behind;
    }

    Survey survey(TreeScanner scanner) throws IOException {
        scanner.walk(this);
        return new Survey(entries, filesBehind, bytesBehind);
    }

    @Override
    public void found(TreePath path, Path file, FileStamp stamp, ScannedDirectory parent) {
        entries++;
        boolean isForeign = foreign.holds(path, stamp);
        if (isForeign || stamp.type() == FileStamp.Type.DIRECTORY) {
            return;
        }
        KnownFile known = stamps.find(path);
        if (known != null && known.stillDescribes(stamp)) {
            return;
        }
        filesBehind++;
        boolean grew = known != null
                && known.stamp().inode() == stamp.inode()
                && known.stamp().size() < stamp.size();
        bytesBehind += grew && known != null ? stamp.size() - known.stamp().size() : stamp.size();
        behind.accept(path);
    }

    @Override
    public void link(TreePath path, Path file, FileStamp stamp, Entry.SymbolicLink link) {
        entries++;
    }

    @Override
    public void omitted(String path, TreeScanner.Omission omission, String detail) {
        entries++;
    }

    @Override
    public void unreadable(TreePath path, String detail) {
        entries++;
    }
}
