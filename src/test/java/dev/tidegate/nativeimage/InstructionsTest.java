package dev.tidegate.nativeimage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidegate.content.Digest;
import dev.tidegate.content.SampleData;
import dev.tidegate.testing.Programs;
import dev.tidegate.testing.SeededRandom;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The functions in {@code src/main/c} against the platform's, whose place they take in a native executable. */
class InstructionsTest {

    private static final Path SOURCES = Path.of("src/main/c");

    @TempDir
    private static Path directory;

    @BeforeAll
    static void compile() throws IOException {
        assumeTrue(hasInstructions(), "skipped: not Linux, or a processor without SHA-256 and CRC-32C");
        Path library = library();
        assumeTrue(
                Programs.succeeds(
                        "gcc",
                        "-O2",
                        "-march=native",
                        "-shared",
                        "-fPIC",
                        SOURCES.resolve("crc32c.c").toString(),
                        SOURCES.resolve("sha256.c").toString(),
                        "-o",
                        library.toString()),
                "skipped: no C compiler that knows the instructions");
    }

    @Test
    void hashesInputsSideBySide(@SeededRandom Random random) throws Throwable {
        MemoryLayout longs = ValueLayout.JAVA_LONG;
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle sha256 = function(
                    arena,
                    "tidegate_sha256",
                    FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, longs, ValueLayout.ADDRESS));
            for (int round = 0; round < 300; round++) {
                // Given: fewer inputs than lanes, and more; mostly short ones, which end in every place of a block
                List<Digest> expected = new ArrayList<>();
                List<Long> rows = new ArrayList<>();
                for (int number = random.nextInt(12); number > 0; number--) {
                    byte[] input = SampleData.random(random, random.nextInt(random.nextInt(10) == 0 ? 100_000 : 200));
                    expected.add(Digest.of(input, 0, input.length));
                    List<ByteBuffer> pieces = SampleData.pieces(random, input);
                    for (ByteBuffer piece : pieces) {
                        MemorySegment bytes = arena.allocate(piece.remaining());
                        bytes.copyFrom(MemorySegment.ofBuffer(piece));
                        rows.addAll(List.of(bytes.address(), bytes.byteSize(), 0L));
                    }
                    if (pieces.isEmpty() || random.nextBoolean()) {
                        rows.addAll(List.of(0L, 0L, 0L));
                    }
                    rows.set(rows.size() - 1, 1L);
                }
                MemorySegment table = arena.allocateFrom(
                        ValueLayout.JAVA_LONG,
                        rows.stream().mapToLong(Long::longValue).toArray());
                MemorySegment target = arena.allocate((long) expected.size() * Digest.BYTES);

                // When
                sha256.invokeExact(table, (long) expected.size(), target);

                // Then
                byte[] digests = target.toArray(ValueLayout.JAVA_BYTE);
                for (int number = 0; number < expected.size(); number++) {
                    assertThat(Digest.read(digests, number * Digest.BYTES)).isEqualTo(expected.get(number));
                }
            }
        }
    }

    @Test
    void sumsAsThePlatform(@SeededRandom Random random) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle update = function(
                    arena,
                    "tidegate_crc32c",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
            for (int round = 0; round < 300; round++) {
                // Given: two parts, at any address
                byte[] input = SampleData.random(random, random.nextInt(300));
                int first = random.nextInt(input.length + 1);
                CRC32C expected = new CRC32C();
                expected.update(input);
                MemorySegment bytes = arena.allocate(input.length + 1L).asSlice(random.nextInt(2), input.length);
                bytes.copyFrom(MemorySegment.ofArray(input));

                // When
                int register = (int) update.invokeExact(-1, bytes, (long) first);
                register = (int) update.invokeExact(register, bytes.asSlice(first), (long) input.length - first);

                // Then
                assertThat(Integer.toUnsignedLong(~register)).isEqualTo(expected.getValue());
            }
        }
    }

    private static MethodHandle function(Arena arena, String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker()
                .downcallHandle(SymbolLookup.libraryLookup(library(), arena).findOrThrow(name), descriptor);
    }

    private static Path library() {
        return directory.resolve("instructions.so");
    }

    /** A processor that lacks them would end the whole test run. */
    private static boolean hasInstructions() throws IOException {
        Path processors = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(processors)) {
            return false;
        }
        String features = Files.readString(processors);
        return switch (System.getProperty("os.arch")) {
            case "amd64" -> features.contains(" sha_ni") && features.contains(" sse4_2");
            case "aarch64" -> features.contains(" sha2") && features.contains(" crc32");
            default -> false;
        };
    }
}
