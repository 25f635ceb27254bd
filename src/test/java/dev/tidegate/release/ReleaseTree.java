package dev.tidegate.release;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Lays out the directory that a release's archive holds, from what the build has left below {@code target}, and fails
 * where something is missing.
 */
public final class ReleaseTree {

    /** Where libraries keep the texts that must go with them. */
    private static final Pattern LICENCE_TEXT = Pattern.compile(
            "(META-INF/)?(licenses/)?[^/]*(license|licence|notice|copying|copyright)[^/]*", Pattern.CASE_INSENSITIVE);

    private final Path sources;
    private final Path target;
    private final Path root;

    private ReleaseTree(Path sources, Path root) {
        this.sources = sources;
        this.target = sources.resolve("target");
        this.root = root;
    }

    /** Arguments: the project's directory, and the directory to be laid out, which is replaced. */
    public static void main(String[] arguments) throws IOException {
        new ReleaseTree(Path.of(arguments[0]), Path.of(arguments[1])).layOut();
    }

    private void layOut() throws IOException {
        deleteAll(root);
        copy(sources.resolve("tidegate"), root.resolve("bin/tidegate"));
        Files.setPosixFilePermissions(root.resolve("bin/tidegate"), PosixFilePermissions.fromString("rwxr-xr-x"));
        copyAll(target.resolve("quarkus-app"), root.resolve("lib/quarkus-app"));
        copy(sources.resolve(".mvn/find-jdk.sh"), root.resolve("lib/launcher/find-jdk.sh"));
        copyAll(sources.resolve("src/main/launcher"), root.resolve("lib/launcher"));

        Path completion = sources.resolve("src/main/resources/completion");
        Path share = root.resolve("share");
        copy(completion.resolve("tidegate.bash"), share.resolve("bash-completion/completions/tidegate"));
        copy(completion.resolve("tidegate.zsh"), share.resolve("zsh/tidegate.zsh"));
        copy(completion.resolve("tidegate.fish"), share.resolve("fish/vendor_completions.d/tidegate.fish"));
        copyAll(target.resolve("man"), share.resolve("man/man1"));

        Path documents = share.resolve("doc/tidegate");
        copy(sources.resolve("README.md"), documents.resolve("README.md"));
        copyAll(sources.resolve("docs"), documents.resolve("docs"));
        copyAll(sources.resolve("deploy"), documents.resolve("deploy"));
        copy(target.resolve("bom.json"), documents.resolve("tidegate.cdx.json"));
        copy(target.resolve("generated-sources/license/THIRD-PARTY.txt"), documents.resolve("THIRD-PARTY.txt"));
        copyLicences(documents.resolve("licenses"));
        Files.writeString(root.resolve("SHA256SUMS"), checksums());
    }

    /** The texts from each library, in a directory of its name. */
    private void copyLicences(Path directory) throws IOException {
        for (Path library : files(target.resolve("quarkus-app/lib"))) {
            try (JarFile jar = new JarFile(library.toFile())) {
                for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                    JarEntry entry = entries.nextElement();
                    if (entry.isDirectory()
                            || entry.getName().endsWith(".class")
                            || !LICENCE_TEXT.matcher(entry.getName()).matches()) {
                        continue;
                    }
                    String name =
                            entry.getName().replaceFirst("(?i)^META-INF/", "").replace('/', '-');
                    Path text = directory
                            .resolve(nameOf(library).replaceFirst("\\.jar$", ""))
                            .resolve(name.toLowerCase(Locale.ROOT));
                    Files.createDirectories(text.getParent());
                    try (InputStream in = jar.getInputStream(entry)) {
                        Files.copy(in, text, StandardCopyOption.REPLACE_EXISTING);
                    }
                }
            }
        }
    }

    /** In the form that {@code sha256sum --check} reads. */
    private String checksums() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Path file : files(root)) {
            lines.append(sha256(file))
                    .append("  ")
                    .append(root.relativize(file))
                    .append('\n');
        }
        return lines.toString();
    }

    private static String sha256(Path file) throws IOException {
        try (DigestInputStream in =
                new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private static void copyAll(Path from, Path to) throws IOException {
        for (Path file : files(from)) {
            copy(file, to.resolve(from.relativize(file)));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** The files below a directory in the order of their names; there must be some. */
    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            List<Path> files = paths.filter(Files::isRegularFile).sorted().toList();
            if (files.isEmpty()) {
                throw new IOException("nothing is in " + directory);
            }
            return files;
        }
    }

    private static String nameOf(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static void deleteAll(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
