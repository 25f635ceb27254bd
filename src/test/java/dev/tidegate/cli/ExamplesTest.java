package dev.tidegate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/** What the helps show to be copied. */
class ExamplesTest {

    private static final int COLUMNS = 80;
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

    @Test
    void noLineIsBrokenWhereItWouldNotRun() {
        for (CommandSpec command : CommandModel.commands()) {
            assertThat(footer(command))
                    .as(command.qualifiedName())
                    .allSatisfy(line -> assertThat(line).hasSizeLessThan(COLUMNS));
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void eachIsACommandLine(String example) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(example);
        while (matcher.find() && !Stream.of("#", "|", ">").anyMatch(matcher.group()::startsWith)) {
            words.add(Stream.of(matcher.group(1), matcher.group(2), matcher.group(3))
                    .filter(text -> text != null)
                    .findFirst()
                    .orElseThrow());
        }
        assertThatCode(() -> CommandModel.parse(words.subList(1, words.size()))).doesNotThrowAnyException();
    }

    private static List<String> examples() {
        return CommandModel.commands().stream()
                .flatMap(command ->
                        String.join("\n", footer(command)).replace("\\\n", " ").lines())
                .map(String::strip)
                .filter(line -> line.startsWith("tidegate ") && !line.contains("COMMAND"))
                .toList();
    }

    private static List<String> footer(CommandSpec command) {
        return Stream.of(command.usageMessage().footer())
                .map(line -> Ansi.OFF.string(line))
                .toList();
    }
}
