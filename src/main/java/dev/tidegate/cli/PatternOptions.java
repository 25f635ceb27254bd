package dev.tidegate.cli;

import dev.tidegate.manifest.PathFilter;
import dev.tidegate.manifest.PathPattern;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which paths of a snapshot a command takes. */
final class PatternOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--include",
            paramLabel = "PATTERN",
            description = "Takes these paths only, such as '**/*.pt': '*' and '?' within a name, '**' for any number of"
                    + " directories. A directory that fits is taken whole. Repeatable.")
    private List<String> include = List.of();

    @Option(names = "--exclude", paramLabel = "PATTERN", description = "Does not take these paths. Repeatable.")
    private List<String> exclude = List.of();

    PathFilter filter() {
        return new PathFilter(parse(include), parse(exclude));
    }

    private List<PathPattern> parse(List<String> patterns) {
        try {
            return patterns.stream().map(PathPattern::parse).toList();
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(command.commandLine(), refused.getMessage(), refused);
        }
    }
}
