package dev.tidegate.agent;

import dev.tidegate.content.Digest;
import dev.tidegate.files.FileStamp;
import dev.tidegate.manifest.Entry;
import dev.tidegate.manifest.Timestamp;
import dev.tidegate.manifest.TreePath;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A digest of what a walk finds, in its order: the paths and types of all, the stamps of files, the modes of directories and
 * the texts of links. Two walks of equal fingerprints found the same. For one thread.
 */
final class Fingerprint {

    /** No walk has it. */
    static final Digest NONE = new Digest(0, 0, 0, 0);

    private final MessageDigest sha256 = Digest.sha256();
    private final ByteBuffer numbers = ByteBuffer.allocate(64);

    void file(TreePath path, FileStamp stamp) {
        start('f', path.toUtf8());
        numbers.putLong(stamp.size()).putInt(stamp.mode()).putLong(stamp.inode());
        put(stamp.mtime());
        put(stamp.ctime());
        end();
    }

    void directory(TreePath path, int mode) {
        start('d', path.toUtf8());
        numbers.putInt(mode);
        end();
    }

    void link(TreePath path, Entry.SymbolicLink link) {
        start('l', path.toUtf8());
        end();
        text(link.target());
        text(Boolean.toString(link.artifactRooted()));
    }

    /** Adds something else that a walk depends on. */
    void text(String text) {
        start('t', text.getBytes(StandardCharsets.UTF_8));
        end();
    }

    /** The fingerprint of what was added; nothing can be added after. */
    Digest digest() {
        return Digest.read(sha256.digest(), 0);
    }

    private void start(char type, byte[] text) {
        sha256.update((byte) type);
        sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(text.length).flip());
        sha256.update(text);
    }

    private void put(Timestamp time) {
        numbers.putLong(time.seconds()).putInt(time.nanos());
    }

    private void end() {
        sha256.update(numbers.flip());
        numbers.clear();
    }
}
