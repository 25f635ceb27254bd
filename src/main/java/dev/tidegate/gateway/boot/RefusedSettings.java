package dev.tidegate.gateway.boot;

import io.smallrye.config.ConfigValidationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says which settings cannot be, and where they come from. The configuration keeps their names in its text alone. */
final class RefusedSettings {

    private static final Pattern NAME = Pattern.compile("(?:tidegate|quarkus)\\.[A-Za-z0-9.\"_-]+");

    /** What stands before the reason in the text about a value that could not be converted. */
    private static final Pattern REASON =
            Pattern.compile(".*(?:SRCFG\\d+: |whilst being converted )(?<reason>.*)", Pattern.DOTALL);

    private RefusedSettings() {}

    /** Such as {@code tidegate.ingest.lanes (TIDEGATE_INGEST_LANES) must be greater than or equal to 1}. */
    static String sentence(ConfigValidationException refused) {
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < refused.getProblemCount(); i++) {
            sentences.add(sentence(refused.getProblem(i).getMessage()));
        }
        return String.join("; ", sentences);
    }

    static String sentence(String problem) {
        Matcher name = NAME.matcher(problem);
        if (!name.find()) {
            return problem;
        }
        String variable = name.group().toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
        String rest = problem.substring(name.end());
        Matcher reason = REASON.matcher(rest);
        return name.group() + " (" + variable + ")" + (reason.matches() ? ": " + reason.group("reason") : rest);
    }
}
