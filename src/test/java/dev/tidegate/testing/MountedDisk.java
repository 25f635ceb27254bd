package dev.tidegate.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** A file system of its own at a directory, until it is closed. Skips the test where none can be mounted. */
public final class MountedDisk implements AutoCloseable {

    private final Path mountPoint;

    private MountedDisk(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    /** A small one in memory, to be filled up. */
    public static MountedDisk tmpfs(Path mountPoint, int mebibytes) {
        return mount(mountPoint, "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs");
    }

    /**
     * One whose files can share blocks.
     *
     * @param image a file that is made to hold it
     */
    public static MountedDisk xfs(Path mountPoint, Path image, int mebibytes) {
        allocate(image, mebibytes);
        assumeTrue(Programs.succeeds("mkfs.xfs", "-q", "-m", "reflink=1", image.toString()), "skipped: needs xfsprogs");
        return mount(mountPoint, "-o", "loop", image.toString());
    }

    /**
     * One whose clock ticks as slowly as the system's.
     *
     * @param image a file that is made to hold it
     */
    public static MountedDisk ext2(Path mountPoint, Path image, int mebibytes) {
        allocate(image, mebibytes);
        assumeTrue(Programs.succeeds("mkfs.ext2", "-q", "-I", "256", image.toString()), "skipped: needs e2fsprogs");
        return mount(mountPoint, "-o", "loop", image.toString());
    }

    private static void allocate(Path image, int mebibytes) {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength((long) mebibytes << 20);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A directory under a second name. */
    public static MountedDisk bind(Path mountPoint, Path directory) {
        return mount(mountPoint, "--bind", directory.toString());
    }

    private static MountedDisk mount(Path mountPoint, String... what) {
        String[] command = new String[what.length + 2];
        command[0] = "mount";
        System.arraycopy(what, 0, command, 1, what.length);
        command[command.length - 1] = mountPoint.toString();
        assumeTrue(Programs.succeeds(command), () -> "skipped: no right to mount " + List.of(what));
        return new MountedDisk(mountPoint);
    }

    /** Whatever is still open there keeps it, out of the way, until that is closed. */
    @Override
    public void close() {
        if (!Programs.succeeds("umount", "--lazy", mountPoint.toString())) {
            throw new AssertionError(mountPoint + " stays mounted");
        }
    }
}
