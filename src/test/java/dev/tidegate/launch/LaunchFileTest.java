package dev.tidegate.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LaunchFileTest {

    private static final String ALL = """
            # a run of two nodes
            isc_project_id = "prj_1"
            experiment_name = "llama-2"
            gpu_type = '24GB VRAM GPU'
            gpus = 16
            nnodes = 2
            compute_mode = "cycle"
            output_path = "/data/out"
            dataset_id = "dts_1"
            dataset_id_list = ["dts_1", "dts_2"]
            input_artifact_id_list = [
              "art_1", # the weights
              "exp_2",
            ]
            command = \"\"\"
            torchrun \\
              train.py --lr=0.1\"\"\"
            """;

    @Test
    void whatCannotBeReadIsNamed(@TempDir Path other) {
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> LaunchFile.read(other))
                .satisfies(failed -> assertThat(failed.getFile()).isEqualTo(other.toString()));
    }

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("run.isc");
    }

    private LaunchFile read(String text) throws IOException {
        return LaunchFile.read(Files.writeString(file, text));
    }

    @Test
    void knowsAllKeysAndKeepsTheTextAsItIs() throws IOException {
        // Given a file with all keys, comments, and lines that end as on other systems
        String text = ALL.replace("\n", "\r\n");

        // When
        LaunchFile launch = read(text);

        // Then
        assertThat(launch.unknown()).isEmpty();
        assertThat(launch.experimentName()).contains("llama-2");
        assertThat(launch.inputs()).containsExactly("art_1", "exp_2");
        assertThat(launch.text()).isEqualTo(text);
    }

    @Test
    void needsNoKeyAtAll() throws IOException {
        // Given an empty file
        // When
        LaunchFile launch = read("");

        // Then
        assertThat(launch).isEqualTo(new LaunchFile("", Optional.empty(), List.of(), List.of()));
    }

    @Test
    void keepsInputsInTheirOrderAlsoTwice() throws IOException {
        // Given an input twice: the gateway says which snapshot that is
        // When
        LaunchFile launch = read("input_artifact_id_list = ['b', 'a', 'b']");

        // Then
        assertThat(launch.inputs()).containsExactly("b", "a", "b");
    }

    @Test
    void warnsOfEachUnknownKeyByItsLineAndKeepsIt() throws IOException {
        // Given keys that nobody knows: plain, quoted, dotted, tables, and a known one in a table
        String text = """
                gpus = 1
                zeta = 1
                "a.b" = 2

                alpha.beta = 3
                experiment_nam = "misspelt"
                [table]
                experiment_name = 7
                [[list]]
                x = 1
                """;

        // When
        LaunchFile launch = read(text);

        // Then each is told once, in the order of the lines
        assertThat(launch.unknown()).hasSize(6).allMatch(line -> line.contains("kept"));
        assertThat(launch.unknown().stream().map(line -> line.substring(0, line.indexOf(" is kept"))))
                .containsExactly(
                        file + ":2: the key zeta",
                        file + ":3: the key a.b",
                        file + ":5: the key alpha",
                        file + ":6: the key experiment_nam",
                        file + ":7: the key table",
                        file + ":9: the key list");
        assertThat(launch.text()).isEqualTo(text);
        assertThat(launch.experimentName()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "isc_project_id | 1",
                "experiment_name | ['llama']",
                "experiment_name | 2026-11-23",
                "gpu_type | true",
                "gpus | '16'",
                "gpus | 16.0",
                "gpus | false",
                "nnodes | [2]",
                "compute_mode | {a = 1}",
                "output_path | 1",
                "dataset_id | []",
                "dataset_id_list | 'dts_1'",
                "dataset_id_list | ['dts_1', 2]",
                "input_artifact_id_list | 'art_1'",
                "input_artifact_id_list | [['art_1']]",
                "input_artifact_id_list | [{id = 'art_1'}]",
                "command | ['torchrun', 'train.py']",
            })
    void aWrongTypeIsToldWithFileAndLine(String key, String value) {
        // Given
        String text = "# a comment\n\n" + key + " = " + value + "\nother = 1\n";

        // When, Then
        assertThatExceptionOfType(LaunchFileException.class)
                .isThrownBy(() -> read(text))
                .satisfies(refused -> assertThat(refused.file()).isEqualTo(file.toString()))
                .withMessageMatching(
                        "\\Q" + file + "\\E:3: " + key + " is (a string|a whole number|an array of strings), .*");
    }

    @Test
    void aTableInThePlaceOfAValueIsAWrongType() {
        // Given
        // When, Then
        assertThatExceptionOfType(LaunchFileException.class)
                .isThrownBy(() -> read("gpus = 1\n[command]\nline = 'x'\n"))
                .withMessageStartingWith(file + ":2: command is a string");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "2 | gpus = 1\\ngpus = 2",
                "1 | gpus",
                "3 | gpus = 1\\n\\ncommand = 'open",
                "2 | # fine\\nexperiment name = 'x'",
                "2 | gpus = 1\\ninput_artifact_id_list = ['a' 'b']",
            })
    void whatIsNoTomlIsToldWithFileAndLine(int line, String text) {
        // Given a text that breaks the rules of TOML in one line
        // When, Then
        assertThatExceptionOfType(LaunchFileException.class)
                .isThrownBy(() -> read(text.replace("\\n", "\n")))
                .satisfies(refused -> assertThat(refused.file()).isEqualTo(file.toString()))
                .withMessageStartingWith(file + ":" + line + ": this is no TOML: ");
    }

    @Test
    void aFileThatIsTooLongIsRefusedAndTheLongestIsNot() throws IOException {
        // Given
        String longest = "#" + "é".repeat((LaunchFile.MAX_BYTES - 2) / 2) + "\n";
        assertThat(longest.getBytes(StandardCharsets.UTF_8)).hasSize(LaunchFile.MAX_BYTES);

        // When, Then
        assertThat(read(longest).text()).isEqualTo(longest);
        assertThatExceptionOfType(LaunchFileException.class)
                .isThrownBy(() -> read(longest + "\n"))
                .withMessage(file + ": it has more than 65536 bytes");
    }

    @Test
    void aLongFileOfManyKeysIsRead() throws IOException {
        // Given as many keys as fit
        StringBuilder text = new StringBuilder();
        IntStream.range(0, 3000)
                .forEach(i ->
                        text.append("key_").append(i).append(" = ").append(i).append('\n'));

        // When
        LaunchFile launch = read(text.toString());

        // Then
        assertThat(launch.unknown()).hasSize(3000);
        assertThat(launch.unknown().getLast()).startsWith(file + ":3000: the key key_2999 ");
    }

    @ParameterizedTest
    @ValueSource(ints = {0x80, 0xff})
    void whatIsNoUtf8IsRefused(int wrong) throws IOException {
        // Given
        byte[] bytes = "command = 'x'".getBytes(StandardCharsets.UTF_8);
        bytes[11] = (byte) wrong;
        Files.write(file, bytes);

        // When, Then
        assertThatExceptionOfType(LaunchFileException.class)
                .isThrownBy(() -> LaunchFile.read(file))
                .withMessage(file + ": it is no text in UTF-8");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        // Given no file
        // When, Then
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> LaunchFile.read(file))
                .satisfies(missing -> assertThat(missing.getFile()).isEqualTo(file.toString()));
    }
}
