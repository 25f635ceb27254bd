package dev.tidegate.launch;

import dev.tidegate.toml.TomlDocument;
import dev.tidegate.toml.TomlException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;

/**
 * An experiment launch file: TOML 1.0.
 *
 * @param text the file as it is
 * @param experimentName {@code experiment_name}
 * @param inputs {@code input_artifact_id_list}: ids of artifacts and of experiments, in their order
 * @param unknown sentences about keys that Tidegate does not know, and keeps like all others
 */
public record LaunchFile(String text, Optional<String> experimentName, List<String> inputs, List<String> unknown) {

    /** The longest launch file in bytes: the gateway keeps no longer one. */
    public static final int MAX_BYTES = 64 << 10;

    private static final String NAME = "experiment_name";
    private static final String INPUTS = "input_artifact_id_list";

    private enum Kind {
        TEXT("a string"),
        WHOLE_NUMBER("a whole number"),
        TEXTS("an array of strings");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        boolean fits(@Nullable Object value) {
            return switch (this) {
                case TEXT -> value instanceof String;
                case WHOLE_NUMBER -> value instanceof Long;
                case TEXTS ->
                    value instanceof TomlArray array && array.toList().stream().allMatch(String.class::isInstance);
            };
        }
    }

    /** What launch files of ISC have. */
    private static final Map<String, Kind> KNOWN = new LinkedHashMap<>();

    static {
        KNOWN.put("isc_project_id", Kind.TEXT);
        KNOWN.put(NAME, Kind.TEXT);
        KNOWN.put("gpu_type", Kind.TEXT);
        KNOWN.put("gpus", Kind.WHOLE_NUMBER);
        KNOWN.put("nnodes", Kind.WHOLE_NUMBER);
        KNOWN.put("compute_mode", Kind.TEXT);
        KNOWN.put("output_path", Kind.TEXT);
        KNOWN.put("dataset_id", Kind.TEXT);
        KNOWN.put("dataset_id_list", Kind.TEXTS);
        KNOWN.put(INPUTS, Kind.TEXTS);
        KNOWN.put("command", Kind.TEXT);
    }

    /** Copies the lists. */
    public LaunchFile {
        inputs = List.copyOf(inputs);
        unknown = List.copyOf(unknown);
    }

    /**
     * Reads a launch file.
     *
     * @throws IOException if it cannot be read
     * @throws LaunchFileException if it is too long, no UTF-8, no TOML, or a key has a value of the wrong type
     */
    public static LaunchFile read(Path file) throws IOException {
        try {
            return of(TomlDocument.read(file, MAX_BYTES));
        } catch (TomlException wrong) {
            throw new LaunchFileException(wrong);
        }
    }

    static LaunchFile parse(String file, String text) {
        try {
            return of(TomlDocument.parse(file, text));
        } catch (TomlException wrong) {
            throw new LaunchFileException(wrong);
        }
    }

    private static LaunchFile of(TomlDocument document) {
        TomlParseResult toml = document.table();
        String file = document.file();
        List<String> unknown = new ArrayList<>();
        for (String key : toml.keySet()) {
            Kind kind = KNOWN.get(key);
            int line = document.line(List.of(key));
            if (kind == null) {
                unknown.add(file + ":" + line + ": the key " + key + " is kept, but nothing here obeys it");
            } else if (!kind.fits(toml.get(List.of(key)))) {
                throw new LaunchFileException(file, line, key + " is " + kind.words + ", this is not");
            }
        }
        TomlArray inputs = toml.getArray(List.of(INPUTS));
        return new LaunchFile(
                document.text(),
                Optional.ofNullable(toml.getString(List.of(NAME))),
                inputs == null
                        ? List.of()
                        : inputs.toList().stream().map(String.class::cast).collect(Collectors.toList()),
                unknown);
    }
}
