package dev.tidegate.manifest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The place of an entry below the root of its artifact: one component or more, separated by {@code /}.
 *
 * <p>No component is empty, {@code .} or {@code ..}; there is no NUL; the whole is well-formed Unicode of at most
 * {@link #MAX_BYTES} bytes in UTF-8. So a path is relative and, without following links, cannot leave its root. The
 * Unicode form is not normalised: names are kept byte for byte.
 *
 * <p>The order is component by component, unsigned byte by byte. That is the order of the UTF-8 bytes with {@code /}
 * below every other byte, so everything below a directory follows it at once: {@code a}, {@code a/b}, {@code a-b}.
 *
 * <p>Held as its UTF-8 bytes, since a tree of millions of paths is sorted, hashed and encoded as such.
 */
public final class TreePath implements Comparable<TreePath> {

    /** The longest path in bytes of UTF-8: Linux' {@code PATH_MAX}. */
    public static final int MAX_BYTES = 4096;

    /** A bound for comparisons that stands before every path. It is no path of an entry. */
    static final TreePath BEFORE_ALL = new TreePath(new byte[0]);

    /** A bound for comparisons that stands behind every path: UTF-8 has no such byte. It is no path of an entry. */
    static final TreePath AFTER_ALL = new TreePath(new byte[] {(byte) 0xff});

    private final byte[] utf8;

    /** Computed when first asked for; 0 before. A race computes the same value twice. */
    private int hash;

    private TreePath(byte[] utf8) {
        this.utf8 = utf8;
    }

    /**
     * Parses a path.
     *
     * @throws ManifestException.InvalidPath if it breaks a rule
     */
    public static TreePath parse(String path) {
        if (Utf8.hasLoneSurrogate(path)) {
            throw new ManifestException.InvalidPath(path, "must be well-formed Unicode");
        }
        return checked(path.getBytes(StandardCharsets.UTF_8), 0);
    }

    /**
     * Reads a path from {@code length} bytes of UTF-8 at {@code offset}, which are copied.
     *
     * @throws ManifestException.InvalidPath if they break a rule
     */
    public static TreePath ofUtf8(byte[] bytes, int offset, int length) {
        return checked(Arrays.copyOfRange(bytes, offset, offset + length), 0);
    }

    /**
     * Checks {@code utf8} and keeps it without a copy: nobody may change it.
     *
     * @param known how many bytes of it are those of another path: the components that end there are not checked again
     */
    static TreePath checked(byte[] utf8, int known) {
        if (utf8.length > MAX_BYTES) {
            throw refused(utf8, "must have at most " + MAX_BYTES + " bytes in UTF-8, not " + utf8.length);
        }
        boolean ascii = true;
        int from = known;
        while (from > 0 && utf8[from - 1] != '/') {
            from--;
        }
        int start = from;
        for (int i = from; i <= utf8.length; i++) {
            byte b = i == utf8.length ? (byte) '/' : utf8[i];
            if (b == '/') {
                requireComponent(utf8, start, i);
                start = i + 1;
            } else if (b <= 0) {
                ascii = false;
                if (b == 0) {
                    throw refused(utf8, "must hold no NUL");
                }
            }
        }
        if (!ascii && !Utf8.isWellFormed(utf8, from, utf8.length)) {
            throw refused(utf8, "must be well-formed UTF-8");
        }
        return new TreePath(utf8);
    }

    private static void requireComponent(byte[] utf8, int from, int to) {
        int length = to - from;
        if (length == 0) {
            throw refused(
                    utf8,
                    utf8.length > 0 && from == 0 ? "must be relative to the artifact" : "must have no empty component");
        }
        if (length <= 2 && utf8[from] == '.' && utf8[to - 1] == '.') {
            throw refused(utf8, "must have no component \".\" or \"..\"");
        }
    }

    private static ManifestException.InvalidPath refused(byte[] utf8, String rule) {
        return new ManifestException.InvalidPath(new String(utf8, StandardCharsets.UTF_8), rule);
    }

    /**
     * Returns a bound for comparisons that stands after everything below this path and before whatever follows. It is no
     * path of an entry: it may be longer than a path can be.
     */
    TreePath afterSubtree() {
        byte[] bound = Arrays.copyOf(utf8, utf8.length + 1);
        // The byte that follows '/' in the order, since NUL stands in no path.
        bound[utf8.length] = 1;
        return new TreePath(bound);
    }

    /**
     * Returns a bound for comparisons that stands before everything in {@code directory} (null: the root) whose name
     * starts with {@code prefix}, and after what precedes that. It is no path of an entry.
     */
    static TreePath boundWithin(@Nullable TreePath directory, String prefix) {
        byte[] name = prefix.getBytes(StandardCharsets.UTF_8);
        if (directory == null) {
            return new TreePath(name);
        }
        int start = directory.utf8.length + 1;
        byte[] bound = Arrays.copyOf(directory.utf8, start + name.length);
        bound[start - 1] = '/';
        System.arraycopy(name, 0, bound, start, name.length);
        return new TreePath(bound);
    }

    /** The path, or that of its ancestors, which stands directly in {@code directory} (null: the root) above it. */
    TreePath childBelow(@Nullable TreePath directory) {
        int from = directory == null ? 0 : directory.utf8.length + 1;
        for (int i = from; i < utf8.length; i++) {
            if (utf8[i] == '/') {
                return new TreePath(Arrays.copyOf(utf8, i));
            }
        }
        return this;
    }

    /**
     * Returns where this path stands if what stands at {@code from} is put at {@code to}; null is the root, on either side.
     *
     * @param from this path, or one above it
     * @throws ManifestException.InvalidPath if the result is too long
     */
    TreePath moved(@Nullable TreePath from, @Nullable TreePath to) {
        if (from == null && to == null) {
            return this;
        }
        // What follows the directory, with the separator.
        int rest = from == null ? -1 : from.utf8.length;
        if (to == null) {
            return new TreePath(Arrays.copyOfRange(utf8, rest + 1, utf8.length));
        }
        byte[] moved = Arrays.copyOf(to.utf8, to.utf8.length + utf8.length - rest);
        if (rest < 0) {
            moved[to.utf8.length] = '/';
        }
        int at = moved.length - utf8.length + Math.max(rest, 0);
        System.arraycopy(utf8, Math.max(rest, 0), moved, at, utf8.length - Math.max(rest, 0));
        if (moved.length > MAX_BYTES) {
            throw refused(moved, "must have at most " + MAX_BYTES + " bytes in UTF-8, not " + moved.length);
        }
        return new TreePath(moved);
    }

    /**
     * Returns the directory deepest down that holds every path from behind {@code after} (null: the first) to {@code
     * last}; null for the root.
     */
    static @Nullable TreePath commonDirectory(@Nullable TreePath after, TreePath last) {
        if (after == null) {
            return null;
        }
        int common = 0;
        int end = Math.min(after.utf8.length, last.utf8.length - 1);
        for (int i = 0; i <= end; i++) {
            boolean ends = i == after.utf8.length;
            if (last.utf8[i] == '/' && (ends || after.utf8[i] == '/')) {
                common = i;
            }
            if (ends || after.utf8[i] != last.utf8[i]) {
                break;
            }
        }
        return common == 0 ? null : new TreePath(Arrays.copyOf(last.utf8, common));
    }

    /** The last component. */
    public String name() {
        int from = lastSeparator() + 1;
        return new String(utf8, from, utf8.length - from, StandardCharsets.UTF_8);
    }

    /** The path without its last component, or null if there is only one. */
    public @Nullable TreePath parent() {
        int separator = lastSeparator();
        return separator < 0 ? null : new TreePath(Arrays.copyOf(utf8, separator));
    }

    /**
     * Returns this path with one more component.
     *
     * @throws ManifestException.InvalidPath if {@code component} is no component, or the result is too long
     */
    public TreePath resolve(String component) {
        if (component.indexOf('/') >= 0) {
            throw new ManifestException.InvalidPath(component, "a component must hold no '/'");
        }
        return parse(this + "/" + component);
    }

    /** As {@link #resolve}, for what is called {@code name} in {@code directory}; null is the root. */
    static TreePath within(@Nullable TreePath directory, String name) {
        return directory == null ? parse(name) : directory.resolve(name);
    }

    /** Tells whether this path is {@code ancestor} or stands below it. */
    public boolean startsWith(TreePath ancestor) {
        int length = ancestor.utf8.length;
        return utf8.length >= length
                && Arrays.equals(utf8, 0, length, ancestor.utf8, 0, length)
                && (utf8.length == length || utf8[length] == '/');
    }

    /** The components from the root to the last; at least one. */
    public List<String> components() {
        return List.of(toString().split("/"));
    }

    /** The length in bytes of UTF-8, 1 to {@link #MAX_BYTES}. */
    public int byteLength() {
        return utf8.length;
    }

    /** Returns the UTF-8 bytes in a new array. */
    public byte[] toUtf8() {
        return utf8.clone();
    }

    /** The UTF-8 bytes themselves: nobody changes them. */
    byte[] utf8() {
        return utf8;
    }

    @Override
    public int compareTo(TreePath other) {
        int at = Arrays.mismatch(utf8, other.utf8);
        if (at < 0) {
            return 0;
        }
        if (at == utf8.length || at == other.utf8.length) {
            return Integer.compare(utf8.length, other.utf8.length);
        }
        return Integer.compare(rank(utf8[at]), rank(other.utf8[at]));
    }

    /** The place of a byte in the order: {@code /} below every other byte, the others unsigned. */
    static int rank(byte b) {
        return b == '/' ? 0 : b & 0xff;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TreePath path && Arrays.equals(utf8, path.utf8);
    }

    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            known = Arrays.hashCode(utf8);
            hash = known;
        }
        return known;
    }

    /** Returns the path as text, as {@link #parse} takes it. */
    @Override
    public String toString() {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private int lastSeparator() {
        for (int i = utf8.length - 1; i >= 0; i--) {
            if (utf8[i] == '/') {
                return i;
            }
        }
        return -1;
    }
}
