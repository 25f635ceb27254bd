package dev.tidegate.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidegate.deploy.Tool.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The units as systemd reads them, and how exposed they leave the machine. */
class SystemdUnitsTest {

    private static final Path UNITS = Path.of("deploy/systemd");
    private static final String PROGRAM = "/usr/local/bin/tidegate";

    /** Below 3.0 of 10; the option counts in tenths. */
    private static final String EXPOSURE_LIMIT = "--threshold=29";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"tidegate.service", "tidegate-agent@.service"})
    void systemdTakesTheUnit(String name) throws IOException, InterruptedException {
        // Given a machine on which the program is installed
        Tool systemd = Tool.find("systemd-analyze");
        String unit = Files.readString(UNITS.resolve(name));
        assertThat(unit).contains("ExecStart=" + PROGRAM + " ");
        Path program = Path.of("tidegate").toAbsolutePath();
        Path installed = directory.resolve(name);
        Files.writeString(installed, unit.replace("ExecStart=" + PROGRAM, "ExecStart=" + program));

        // When
        Result result = systemd.run(directory, "verify", "--man=no", installed.toString());

        // Then it has nothing to say: it warns of keys that it does not know, and still ends with 0
        assertThat(result.output()).doesNotContain(name + ":");
        assertThat(result.code()).as(result.output()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tidegate.service", "tidegate-agent@.service"})
    void theUnitIsHardened(String name) throws IOException, InterruptedException {
        Tool systemd = Tool.find("systemd-analyze");

        Result result = systemd.run(
                UNITS,
                "security",
                "--offline=true",
                "--no-pager",
                EXPOSURE_LIMIT,
                UNITS.resolve(name).toAbsolutePath().toString());

        assertThat(result.code()).as(result.output()).isZero();
        assertThat(result.output()).contains("Overall exposure level");
    }
}
