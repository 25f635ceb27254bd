package dev.tidegate.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileTreesTest {

    @TempDir
    private Path directory;

    @Test
    void everybodyMayWalkToWhatIsCreated() throws Throwable {
        // Given
        Path below = directory.resolve("cache/tidegate/postgres");
        int usual = umask(0077);
        try {
            // When
            FileTrees.create(below);
        } finally {
            umask(usual);
        }
        // Then
        for (String path : List.of("cache", "cache/tidegate", "cache/tidegate/postgres")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(path))))
                    .isEqualTo("rwxr-xr-x");
        }
        FileTrees.create(below);
    }

    private static int umask(int mask) throws Throwable {
        Linker linker = Linker.nativeLinker();
        return (int) linker.downcallHandle(
                        linker.defaultLookup().find("umask").orElseThrow(),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                .invokeExact(mask);
    }
}
