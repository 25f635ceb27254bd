package dev.tidegate.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidegate.content.Digest;
import dev.tidegate.store.OrganisationId;
import dev.tidegate.store.PackId;
import dev.tidegate.store.PackScan;
import dev.tidegate.store.PackStore;
import dev.tidegate.store.PackSummary;
import dev.tidegate.store.PackWriter;
import dev.tidegate.store.RecordGenerator;
import dev.tidegate.store.RecordLocation;
import dev.tidegate.store.RecordRequest;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kills a writing process, fails its flushes, and looks at the order in which it makes a pack durable. */
class PowerAndDiskFaultTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void aFailedFlushIsNeitherAcknowledgedNorRepeated(int failing) throws Exception {
        // Given
        Path trace = directory.resolve("trace");
        List<String> strace = strace(trace, "fdatasync", "-e", "inject=fdatasync:error=EIO:when=" + failing);

        // When
        List<String> said = run(strace, 10, 1000);

        // Then
        assertThat(acknowledged(said)).hasSize(5 * (failing - 1));
        assertThat(said).endsWith("failed Unavailable", "dead", "dead", "dead");
        assertThat(calls(trace)).hasSize(failing).allMatch("fdatasync"::equals);
        assertIntact(said);
    }

    @Test
    void aDiskThatIsFullAtTheFlushIsNamedFull() throws Exception {
        // Given
        Path trace = directory.resolve("trace");
        List<String> strace = strace(trace, "fdatasync", "-e", "inject=fdatasync:error=ENOSPC:when=2");

        // When
        List<String> said = run(strace, 10, 1000);

        // Then
        assertThat(acknowledged(said)).hasSize(5);
        assertThat(said).endsWith("failed Full", "dead", "dead", "dead");
        assertIntact(said);
    }

    @Test
    void aPackIsDurableBeforeItsNameAndItsNameBeforeItsRecords() throws Exception {
        // Given
        Path trace = directory.resolve("trace");
        // The directories exist, so that only the pack's own calls are seen.
        new FilePackStore(directory, FilePackSettings.DEFAULT, InstantSource.system()).close();

        // When
        List<String> said = run(strace(trace, "fsync,fdatasync,rename"), 2, 100_000);

        // Then
        assertThat(said).endsWith("sealed");
        assertThat(calls(trace)).endsWith("fsync", "fsync", "rename", "fsync", "fdatasync", "fdatasync", "fdatasync");
        assertIntact(said);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 1000, 300_000})
    void whatWasAcknowledgedSurvivesKill(int chunkLength) throws Exception {
        // Given
        Process process = new ProcessBuilder(command(List.of(), -1, chunkLength)).start();
        List<String> said = new ArrayList<>();
        try (BufferedReader out = process.inputReader()) {
            for (int line = 0; line < 48; line++) {
                said.add(out.readLine());
            }

            // When
            process.destroyForcibly().waitFor();
        }

        // Then
        assertThat(acknowledged(said)).hasSize(47);
        assertIntact(said);
    }

    /** Everything acknowledged can be read, the pack is what the process left, and the directory is still usable. */
    private void assertIntact(List<String> said) {
        PackId pack = new PackId(UUID.fromString(said.getFirst().substring("created ".length())));
        List<RecordRequest> acknowledged = acknowledged(said);
        try (PackStore store = new FilePackStore(directory, FilePackSettings.DEFAULT, InstantSource.system())) {
            if (acknowledged.isEmpty()) {
                try (Stream<PackSummary> packs = store.list()) {
                    assertThat(packs).isEmpty();
                }
            } else {
                List<RecordRequest> found = new ArrayList<>();
                PackScan scan = store.scan(
                        pack, (header, location, chunk) -> found.add(new RecordRequest(location, chunk.digest())));
                assertThat(found).containsSequence(acknowledged).startsWith(acknowledged.getFirst());
                assertThat(scan.isSealed()).isEqualTo(said.contains("sealed"));
                acknowledged.forEach(
                        request -> assertThat(store.read(request).digest()).isEqualTo(request.digest()));
            }
            RecordGenerator records = new RecordGenerator(7);
            try (PackWriter next = store.create(new OrganisationId(UUID.randomUUID()), records.pack())) {
                next.append(records.chunk(100));
                next.seal();
            }
        }
    }

    private List<RecordRequest> acknowledged(List<String> said) {
        List<RecordRequest> acknowledged = new ArrayList<>();
        PackId pack = new PackId(UUID.fromString(said.getFirst().substring("created ".length())));
        for (String line : said) {
            if (line.startsWith("acknowledged ")) {
                List<String> words = List.of(line.split(" ", -1));
                acknowledged.add(new RecordRequest(
                        new RecordLocation(pack, Long.parseLong(words.get(1)), Integer.parseInt(words.get(2))),
                        Digest.parse(words.get(3))));
            }
        }
        return acknowledged;
    }

    private List<String> run(List<String> under, int batches, int chunkLength) throws Exception {
        Process process = new ProcessBuilder(command(under, batches, chunkLength))
                .redirectError(directory.resolve("errors").toFile())
                .start();
        try (BufferedReader out = process.inputReader()) {
            List<String> said = out.lines().toList();
            assertThat(process.waitFor())
                    .as(() -> "exit status; " + read(directory.resolve("errors")))
                    .isZero();
            return said;
        }
    }

    private List<String> command(List<String> under, int batches, int chunkLength) {
        List<String> command = new ArrayList<>(under);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                WriterProcess.class.getName(),
                directory.toString(),
                String.valueOf(batches),
                String.valueOf(chunkLength)));
        return command;
    }

    private static List<String> strace(Path trace, String calls, String... more) throws Exception {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "strace"))),
                "skipped: there is no strace in the PATH");
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", trace.toString()));
        command.addAll(List.of("-e", "trace=" + calls));
        command.addAll(List.of(more));
        List<String> attempt = new ArrayList<>(List.of("strace", "-o", "/dev/null", "true"));
        assumeTrue(new ProcessBuilder(attempt).start().waitFor() == 0, "skipped: strace may not trace processes here");
        return command;
    }

    /** The names of the traced calls, in their order. */
    private static List<String> calls(Path trace) throws IOException {
        return read(trace)
                .lines()
                .filter(line -> line.contains("(") && !line.contains("resumed"))
                .map(line ->
                        line.substring(line.indexOf(' '), line.indexOf('(')).strip())
                .toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            return failure.toString();
        }
    }
}
