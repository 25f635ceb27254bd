package dev.tidegate.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The archive of PostgreSQL's binaries for this machine's platform, and its installation in a directory.
 *
 * @param resource the archive's name on the class path: a tar compressed by xz
 * @param version the version of the binaries, such as {@code 18.6.0}
 */
record PostgresArchive(String resource, String version) {

    private static final String MARKER = ".installed";

    /**
     * Returns the archive for this platform.
     *
     * @throws PostgresException if there is none
     */
    static PostgresArchive ofThisPlatform() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String machine = System.getProperty("os.arch", "");
        boolean arm = machine.equals("aarch64");
        boolean intel = machine.equals("amd64") || machine.equals("x86_64");
        String platform;
        if (system.contains("linux") && (arm || intel)) {
            platform = arm ? "linux-arm_64" : "linux-x86_64";
        } else if (system.contains("mac") && arm) {
            platform = "darwin-arm_64";
        } else {
            throw new PostgresException("Tidegate brings no PostgreSQL for " + system + " on " + machine
                    + ": run one of version 15 or later yourself and name it by --database-url.");
        }
        return new PostgresArchive("postgres-" + platform + ".txz", versionFromTheBuild());
    }

    /** The first number of the version: clusters of different major versions do not mix. */
    String majorVersion() {
        return version.substring(0, version.indexOf('.'));
    }

    /**
     * Installs the binaries in {@code directory/version}, unless they are there already, whole.
     *
     * <p>Safe when several processes do it at once: each extracts beside the target and renames.
     *
     * @return the directory that holds {@code bin}, {@code lib} and {@code share}
     * @throws IOException if the binaries cannot be written
     */
    Path install(Path directory) throws IOException {
        Path target = directory.resolve(version);
        if (isWhole(target)) {
            return target;
        }
        FileTrees.create(directory);
        Path fresh = Files.createTempDirectory(directory, "installing-");
        try {
            extract(fresh);
            Files.writeString(fresh.resolve(MARKER), inventory(fresh));
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
            if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !isWhole(target)) {
                FileTrees.delete(target);
            }
            try {
                Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (!isWhole(target)) {
                    throw e;
                }
            }
            return target;
        } finally {
            FileTrees.delete(fresh);
        }
    }

    private static boolean isWhole(Path target) throws IOException {
        Path marker = target.resolve(MARKER);
        return Files.isRegularFile(marker) && Files.readString(marker).equals(inventory(target));
    }

    /** Counts files and bytes: enough to notice files that a power cut left empty. */
    private static String inventory(Path directory) throws IOException {
        long files = 0;
        long bytes = 0;
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                        && !path.getFileName().toString().equals(MARKER)) {
                    files++;
                    bytes += Files.size(path);
                }
            }
        }
        return files + " files, " + bytes + " bytes\n";
    }

    private void extract(Path directory) throws IOException {
        try (InputStream raw = PostgresArchive.class.getClassLoader().getResourceAsStream(resource)) {
            if (raw == null) {
                throw new PostgresException("This build of Tidegate lacks " + resource
                        + ": run a PostgreSQL of version 15 or later yourself and name it by --database-url.");
            }
            try (TarArchiveInputStream tar =
                    new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(raw, 1 << 16)))) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    extract(tar, entry, directory);
                }
            }
        }
    }

    private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path directory) throws IOException {
        Path path = directory.resolve(entry.getName()).normalize();
        if (!path.startsWith(directory)) {
            throw new IOException("the archive names a file outside itself: " + entry.getName());
        }
        if (entry.isDirectory()) {
            FileTrees.create(path);
            return;
        }
        FileTrees.create(parentOf(path));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
            Files.copy(tar, path);
            boolean executable = (entry.getMode() & 0100) != 0;
            Files.setPosixFilePermissions(
                    path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        }
    }

    private static Path parentOf(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IOException("the archive names no file: " + path);
        }
        return parent;
    }

    private static String versionFromTheBuild() {
        try (InputStream in = PostgresArchive.class.getResourceAsStream("/tidegate-build.properties")) {
            Properties build = new Properties();
            build.load(in);
            return build.getProperty("postgres.version");
        } catch (IOException | NullPointerException e) {
            throw new AssertionError("the build puts tidegate-build.properties on the class path", e);
        }
    }
}
