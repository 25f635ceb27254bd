package dev.tidegate.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.tidegate.cli.CommandModel;
import dev.tidegate.deploy.Tool.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The units as systemd reads them, and how exposed they leave the machine. */
class SystemdUnitsTest {

    private static final Path UNITS = Path.of("deploy/systemd");
    private static final String PROGRAM = "/usr/local/bin/tidegate";

    /** As the documents show what is typed into an editor. */
    private static final Pattern DROP_IN = Pattern.compile("(?m)^.*# \\[Service]\n(?: +# .*\n)+");

    /** Below 3.0 of 10; the option counts in tenths. */
    private static final String EXPOSURE_LIMIT = "--threshold=29";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"tidegate.service", "tidegate-agent@.service"})
    void systemdTakesTheUnit(String name) throws IOException, InterruptedException {
        // Given a machine on which the program is installed
        Tool systemd = Tool.find("systemd-analyze");
        Path installed = install(name);

        // When
        Result result = systemd.run(directory, "verify", "--man=no", installed.toString());

        // Then it has nothing to say: it warns of keys that it does not know, and still ends with 0
        assertThat(result.output()).doesNotContain(name + ":");
        assertThat(result.code()).as(result.output()).isZero();
    }

    @Test
    void theDropInsOfTheDocumentsFitTheUnit() throws IOException, InterruptedException {
        // Given
        Tool systemd = Tool.find("systemd-analyze");
        String name = "tidegate.service";
        Path installed = install(name);
        String command = line(Files.readString(UNITS.resolve(name)), "ExecStart=" + PROGRAM + " ");
        List<String> dropIns = DROP_IN.matcher(Files.readString(Path.of("docs/deployment.md")))
                .results()
                .map(dropIn -> dropIn.group().replaceAll("(?m)^.*?# ", ""))
                .toList();
        assertThat(dropIns).isNotEmpty();

        for (String dropIn : dropIns) {
            // When
            Path file = directory.resolve(name + ".d/override.conf");
            Files.createDirectories(directory.resolve(name + ".d"));
            Files.writeString(file, dropIn);
            Result result = systemd.run(directory, "verify", "--man=no", installed.toString());

            // Then it has nothing to say, and the program takes the options that follow its own
            assertThat(result.output()).doesNotContain(name + ":", "override.conf");
            String options = line(dropIn, "Environment=\"TIDEGATE_OPTIONS=").replaceFirst("\"$", "");
            assertThatCode(() -> CommandModel.parse(List.of(
                            command.replace("$TIDEGATE_OPTIONS", options).split(" +", -1))))
                    .doesNotThrowAnyException();
        }
    }

    /** A unit whose program is on this machine. */
    private Path install(String name) throws IOException {
        String unit = Files.readString(UNITS.resolve(name));
        assertThat(unit).contains("ExecStart=" + PROGRAM + " ");
        Path program = Path.of("tidegate").toAbsolutePath();
        Path installed = directory.resolve(name);
        Files.writeString(installed, unit.replace("ExecStart=" + PROGRAM, "ExecStart=" + program));
        return installed;
    }

    private static String line(String text, String beginning) {
        return text.lines()
                .filter(line -> line.startsWith(beginning))
                .map(line -> line.substring(beginning.length()))
                .collect(Collectors.joining("\n"));
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
