package dev.tidegate.files;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells the operating system that what was read of a file is not needed again, so that a long reading does not push what a
 * job needs out of its page cache. Pages that are still to be written stay.
 *
 * <p>Only on Linux, through {@code posix_fadvise}; elsewhere, and wherever it does not work, nothing happens. Java offers
 * neither the call nor the descriptor of a channel, so the file is opened a second time. For one thread.
 */
public final class PageCache implements AutoCloseable {

    private static final int O_RDONLY = 0;
    private static final int O_NONBLOCK = 04000;
    private static final int O_CLOEXEC = 02000000;
    private static final int POSIX_FADV_DONTNEED = 4;

    /** How much is read until it is dropped: 16 MiB. */
    private static final long STEP = 16 << 20;

    /** Each is registered for native executables in {@code META-INF/native-image}. */
    private static final FunctionDescriptor OPEN =
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);

    private static final FunctionDescriptor POSIX_FADVISE = FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT);

    private static final FunctionDescriptor CLOSE = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

    private static final Optional<Functions> FUNCTIONS = link();

    private record Functions(MethodHandle open, MethodHandle posixFadvise, MethodHandle close) {}

    private final @Nullable Functions functions;
    private final int descriptor;
    private long read;
    private long dropped;

    private PageCache(@Nullable Functions functions, int descriptor, long offset) {
        this.functions = functions;
        this.descriptor = descriptor;
        this.read = offset;
        this.dropped = offset;
    }

    /** Expects the reading of {@code file} from {@code offset}. */
    public static PageCache reading(Path file, long offset) {
        Functions linked = FUNCTIONS.orElse(null);
        String name = linked == null ? null : FileNames.decode(file);
        if (linked == null || name == null) {
            return new PageCache(null, -1, offset);
        }
        try (Arena arena = Arena.ofConfined()) {
            int descriptor = (int) linked.open.invokeExact(arena.allocateFrom(name), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
            return new PageCache(descriptor < 0 ? null : linked, descriptor, offset);
        } catch (Throwable unsupported) {
            return new PageCache(null, -1, offset);
        }
    }

    /** Tells that so many bytes more have been read. */
    public void read(int length) {
        read += length;
        if (read - dropped >= STEP) {
            drop();
        }
    }

    @Override
    public void close() {
        drop();
        if (functions != null) {
            try {
                int _ = (int) functions.close.invokeExact(descriptor);
            } catch (Throwable impossible) {
                throw new AssertionError("close was linked", impossible);
            }
        }
    }

    private void drop() {
        if (functions != null && read > dropped) {
            try {
                int _ = (int)
                        functions.posixFadvise.invokeExact(descriptor, dropped, read - dropped, POSIX_FADV_DONTNEED);
            } catch (Throwable impossible) {
                throw new AssertionError("posix_fadvise was linked", impossible);
            }
        }
        dropped = read;
    }

    /** Needs {@code foreign} entries in the metadata of a native executable, and is empty without them. */
    private static Optional<Functions> link() {
        if (!System.getProperty("os.name").equals("Linux") || ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Functions(
                    downcall("open", OPEN), downcall("posix_fadvise", POSIX_FADVISE), downcall("close", CLOSE)));
        } catch (RuntimeException | Error unsupported) {
            return Optional.empty();
        }
    }

    private static MethodHandle downcall(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
}
