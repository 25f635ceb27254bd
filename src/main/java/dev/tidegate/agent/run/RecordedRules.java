package dev.tidegate.agent.run;

import dev.tidegate.agent.SelectionRules;
import dev.tidegate.checkpoint.PointerRule;
import dev.tidegate.checkpoint.ShardRule;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rules for checkpoints as the work directory keeps them, for who drains it later. */
final class RecordedRules {

    private static final String FILE = "rules.json";
    private static final String POINTERS = "pointers";
    private static final String LATEST_ONLY = "latest_only";
    private static final String SHARDS = "shards";
    private static final String QUIET = "quiet";

    /** No rule holds it. */
    private static final String SEPARATOR = "/";

    private RecordedRules() {}

    static void write(WorkDirectory work, SelectionRules rules) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        values.put(POINTERS, text(rules.pointers()));
        values.put(LATEST_ONLY, Boolean.toString(rules.latestOnly()));
        values.put(SHARDS, text(rules.shards()));
        values.put(QUIET, rules.quiet().toString());
        StateFile.write(work.state().resolve(FILE), values, true);
    }

    /** The usual rules if there are none; {@code state} is that of a work directory. */
    static SelectionRules read(Path state) throws IOException {
        Map<String, String> values = StateFile.read(state.resolve(FILE)).orElse(Map.of());
        return values.isEmpty()
                ? SelectionRules.CHECKPOINTS
                : SelectionRules.CHECKPOINTS
                        .withPointers(list(values, POINTERS, PointerRule::parse))
                        .withLatestOnly(Boolean.parseBoolean(values.get(LATEST_ONLY)))
                        .withShards(list(values, SHARDS, ShardRule::parse))
                        .withQuiet(Duration.parse(values.getOrDefault(QUIET, "PT2S")));
    }

    private static String text(List<?> rules) {
        return rules.stream().map(Object::toString).collect(Collectors.joining(SEPARATOR));
    }

    private static <T> List<T> list(Map<String, String> values, String name, Function<String, T> parse) {
        return Stream.of(values.getOrDefault(name, "").split(SEPARATOR, -1))
                .filter(text -> !text.isEmpty())
                .map(parse)
                .toList();
    }
}
