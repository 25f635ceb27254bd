package dev.tidegate.agent;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.files.TreeScanner;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.function.Consumer;

/** Surveys a directory, in step with the stamps of its last push. For one survey. */
final class Surveyor implements TreeScanner.Visitor {

    private static final int NUMBERS = 4 * Long.BYTES + 3 * Integer.BYTES;

    private final StampReader stamps;
    private final Consumer<TreePath> behind;
    private final Timestamp moment = Timestamp.of(Instant.now());
    private final MessageDigest fingerprint = sha256();
    private final ByteBuffer numbers = ByteBuffer.allocate(NUMBERS);
    private boolean settled = true;
    private long entries;
    private long files;
    private long bytes;
    private long filesBehind;
    private long bytesBehind;

    /** Tells {@code behind} of each file that is not as the last push found it. */
    Surveyor(StampReader stamps, Consumer<TreePath> behind) {
        this.stamps = stamps;
        this.behind = behind;
    }

    Survey survey(TreeScanner scanner) throws IOException {
        scanner.walk(this);
        return new Survey(
                Digest.read(fingerprint.digest(), 0), settled, entries, files, bytes, filesBehind, bytesBehind);
    }

    @Override
    public void found(TreePath path, Path file, FileStamp stamp) {
        entries++;
        text(path.toString());
        if (stamp.type() == FileStamp.Type.DIRECTORY) {
            // What it holds is told by itself.
            text(Integer.toOctalString(stamp.mode()));
            return;
        }
        add(stamp);
        settled &= stamp.settledAt(moment);
        files++;
        bytes += stamp.size();
        KnownFile known = stamps.find(path);
        if (known == null || !known.stillDescribes(stamp)) {
            filesBehind++;
            boolean grew = known != null
                    && known.stamp().inode() == stamp.inode()
                    && known.stamp().size() < stamp.size();
            bytesBehind += grew && known != null ? stamp.size() - known.stamp().size() : stamp.size();
            behind.accept(path);
        }
    }

    @Override
    public void link(TreePath path, Path file, Entry.SymbolicLink link) {
        entries++;
        text(path.toString());
        text(link.artifactRooted() ? "/" + link.target() : link.target());
    }

    @Override
    public void omitted(String path, TreeScanner.Omission omission, String detail) {
        entries++;
        text(path);
        text(omission.name());
    }

    private void add(FileStamp stamp) {
        numbers.clear();
        numbers.putLong(stamp.size()).putLong(stamp.inode()).putInt(stamp.mode());
        numbers.putLong(stamp.mtime().seconds()).putInt(stamp.mtime().nanos());
        numbers.putLong(stamp.ctime().seconds()).putInt(stamp.ctime().nanos());
        fingerprint.update(numbers.flip());
    }

    /** No text holds a zero, so that each is told from the next. */
    private void text(String text) {
        fingerprint.update(text.getBytes(StandardCharsets.UTF_8));
        fingerprint.update((byte) 0);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
