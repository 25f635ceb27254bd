package dev.tidegate.files;

import dev.tidegate.manifest.Timestamp;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;

/**
 * Which files a process may change without their stamps telling: those that it has mapped into its memory for writing. The
 * first store to a page changes the file's times; further ones do not, until the page has been written to disk, which takes
 * half a minute, and on tmpfs never comes (mmap(2); Linux, {@code file_update_time} in {@code page_mkwrite}). So a file that
 * is mapped while it is read has to be read again, whatever its stamp says then.
 *
 * <p>Only on Linux, from the maps of all processes that this one may look into (proc_pid_maps(5)); elsewhere no file counts
 * as mapped. Looking costs microseconds a mapping, and is done at most for a hundredth of the time: files that have changed
 * since the last look count as mapped meanwhile, and so do all if the clock has been set back since. Thread-safe.
 */
public final class MappedFiles {

    /** If there are more files, all count as mapped. */
    private static final int MOST_FILES = 1 << 16;

    private static final int SHARE_OF_TIME = 100;

    /** Clocks are slewed by less between two looks that follow each other. */
    private static final Duration SET_BACK = Duration.ofMillis(100);

    private final Path processes;
    private final InstantSource clock;
    private Set<Long> inodes = Set.of();
    private boolean tooMany;
    private Instant lookedAt = Instant.EPOCH;
    private long nextLook = System.nanoTime();

    /** What the monotonic clock was at the look. */
    private long look;

    /** Knows of no file yet. */
    public MappedFiles() {
        this(Path.of("/proc"), InstantSource.system());
    }

    MappedFiles(Path processes, InstantSource clock) {
        this.processes = processes;
        this.clock = clock;
    }

    /**
     * Tells whether a file that is about to be read may change later and keep the stamp that it has.
     *
     * @param stamp as it is now; what is told holds for a file that still has it when it has been read
     */
    public synchronized boolean mayChangeUnseen(FileStamp stamp) {
        if (clock.instant()
                .isBefore(lookedAt.plusNanos(System.nanoTime() - look).minus(SET_BACK))) {
            // It was at a time that comes again, so the times of files do not tell what was before it.
            lookedAt = Instant.EPOCH;
        }
        // Who maps a file after the look changes its times with the first store.
        if (!isOlderThanTheLook(stamp) && System.nanoTime() - nextLook >= 0) {
            look();
        }
        return tooMany || inodes.contains(stamp.inode()) || !isOlderThanTheLook(stamp);
    }

    private boolean isOlderThanTheLook(FileStamp stamp) {
        return stamp.settledAt(Timestamp.of(lookedAt));
    }

    private void look() {
        lookedAt = clock.instant();
        look = System.nanoTime();
        Set<Long> found = new HashSet<>();
        if (Files.exists(processes)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(processes, "[0-9]*")) {
                for (Path process : all) {
                    addMapped(process.resolve("maps"), found);
                }
            } catch (IOException | DirectoryIteratorException notThisSystem) {
                // Then there is nothing to be known.
            }
        }
        inodes = found;
        tooMany = found.size() >= MOST_FILES;
        long end = System.nanoTime();
        nextLook = end + SHARE_OF_TIME * (end - look);
    }

    private static void addMapped(Path maps, Set<Long> found) {
        try (BufferedReader lines = Files.newBufferedReader(maps, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null && found.size() < MOST_FILES; line = lines.readLine()) {
                long inode = mapped(line);
                if (inode != 0) {
                    found.add(inode);
                }
            }
        } catch (IOException endedOrAnothersProcess) {
            // What has ended changes nothing, and what may not be looked into cannot be known.
        }
    }

    /**
     * Returns the inode of the file of a line, which is {@code begin-end rw-s offset device inode path}; 0 if it is not of a
     * file that is shared for writing. Devices are not compared: file systems with subvolumes show others here than in
     * stamps, and a file that is read once too often is no harm.
     */
    private static long mapped(String line) {
        int permissions = line.indexOf(' ') + 1;
        if (!line.startsWith("w", permissions + 1) || !line.startsWith("s", permissions + 3)) {
            return 0;
        }
        int begin = permissions;
        for (int fields = 0; fields < 3; fields++) {
            begin = line.indexOf(' ', begin) + 1;
        }
        int end = line.indexOf(' ', begin);
        try {
            return Long.parseUnsignedLong(line, begin, end < 0 ? line.length() : end, 10);
        } catch (NumberFormatException noLineOfThisForm) {
            return 0;
        }
    }
}
