package dev.tidegate.cli;

import dev.tidegate.terminal.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What the last word of a command line may become, from the commands themselves: nothing is listed twice. */
final class Completion {

    /** In the place of words: the names of files. */
    static final String FILES = ":files";

    private final CommandSpec root;

    Completion(CommandSpec root) {
        this.root = root;
    }

    /** Returns lines of a word and, behind a tab, what it is; or {@link #FILES}. */
    List<String> of(List<String> words) {
        CommandSpec command = root;
        ArgSpec expected = null;
        int positional = 0;
        boolean onlyPositional = false;
        for (String word : words.subList(0, words.size() - 1)) {
            if (expected != null) {
                expected = null;
            } else if (!onlyPositional && word.equals("--")) {
                onlyPositional = true;
            } else if (!onlyPositional && word.startsWith("-") && word.length() > 1) {
                OptionSpec option = command.findOption(word);
                expected = option != null && option.arity().min() > 0 ? option : null;
            } else if (!onlyPositional
                    && positional == 0
                    && command.subcommands().containsKey(word)) {
                command = command.subcommands().get(word).getCommandSpec();
            } else {
                positional++;
            }
        }
        String last = words.getLast();
        CompletionValues values = new CompletionValues(words);
        if (expected != null) {
            return values(expected, last, "", values);
        }
        if (!onlyPositional && last.startsWith("-")) {
            int equals = last.indexOf('=');
            OptionSpec option = equals < 0 ? null : command.findOption(last.substring(0, equals));
            return option == null
                    ? options(command, last)
                    : values(option, last.substring(equals + 1), last.substring(0, equals + 1), values);
        }
        List<String> lines = new ArrayList<>();
        if (positional == 0 && !onlyPositional) {
            lines.addAll(subcommands(command, last));
        }
        PositionalParamSpec parameter = positional(command, positional);
        if (parameter != null) {
            lines.addAll(values(parameter, last, "", values));
        }
        return lines;
    }

    private static List<String> subcommands(CommandSpec command, String prefix) {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, CommandLine> subcommand : command.subcommands().entrySet()) {
            CommandSpec spec = subcommand.getValue().getCommandSpec();
            if (subcommand.getKey().startsWith(prefix) && !spec.usageMessage().hidden()) {
                lines.add(line(subcommand.getKey(), spec.usageMessage().description()));
            }
        }
        return lines;
    }

    private static List<String> options(CommandSpec command, String prefix) {
        Map<String, String> lines = new TreeMap<>();
        for (OptionSpec option : command.options()) {
            if (!option.hidden() && option.longestName().startsWith(prefix)) {
                lines.put(option.longestName(), line(option.longestName(), option.description()));
            }
        }
        return List.copyOf(lines.values());
    }

    private static @Nullable PositionalParamSpec positional(CommandSpec command, int index) {
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            if (parameter.index().min() <= index && index <= parameter.index().max()) {
                return parameter;
            }
        }
        return null;
    }

    private static List<String> values(ArgSpec argument, String prefix, String before, CompletionValues values) {
        if (argument.type().isEnum()) {
            List<String> lines = new ArrayList<>();
            for (Object constant : argument.type().getEnumConstants()) {
                String word = constant.toString().toLowerCase(Locale.ROOT).replace('_', '-');
                if (word.startsWith(prefix)) {
                    lines.add(before + word);
                }
            }
            return lines;
        }
        return values.of(argument.paramLabel(), prefix).stream()
                .map(line -> line.equals(FILES) ? line : before + line)
                .toList();
    }

    /** A word and the first sentence of its description. */
    private static String line(String word, String[] description) {
        if (description.length == 0) {
            return word;
        }
        String text = Printable.line(description[0]);
        int end = text.indexOf(". ");
        return word + "\t" + (end < 0 ? text : text.substring(0, end)).replaceFirst("[.:]$", "");
    }
}
