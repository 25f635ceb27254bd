package dev.tidegate.launch;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;

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
        loadParser();
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
        byte[] bytes;
        try (var stream = Files.newInputStream(file)) {
            bytes = stream.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            throw new LaunchFileException(file.toString(), 0, "a launch file has at most " + MAX_BYTES + " bytes");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw new LaunchFileException(file.toString(), 0, "a launch file is text in UTF-8");
        }
        return parse(file.toString(), text);
    }

    static LaunchFile parse(String file, String text) {
        TomlParseResult toml = Toml.parse(text);
        if (toml.hasErrors()) {
            TomlParseError first = toml.errors().getFirst();
            throw new LaunchFileException(file, first.position().line(), "this is no TOML: " + first.getMessage());
        }
        List<String> unknown = new ArrayList<>();
        for (String key : toml.keySet()) {
            Kind kind = KNOWN.get(key);
            int line = line(toml, key);
            if (kind == null) {
                unknown.add(file + ":" + line + ": the key " + key + " is kept, but nothing here obeys it");
            } else if (!kind.fits(toml.get(List.of(key)))) {
                throw new LaunchFileException(file, line, key + " is " + kind.words + ", this is not");
            }
        }
        TomlArray inputs = toml.getArray(List.of(INPUTS));
        return new LaunchFile(
                text,
                Optional.ofNullable(toml.getString(List.of(NAME))),
                inputs == null
                        ? List.of()
                        : inputs.toList().stream().map(String.class::cast).collect(Collectors.toList()),
                unknown);
    }

    /**
     * Loads the parser's classes, which say on stderr that they were generated by another ANTLR than is here. It reads them
     * all the same, and what a command prints is its own.
     */
    private static void loadParser() {
        PrintStream err = System.err;
        System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            Toml.parse("");
        } finally {
            System.setErr(err);
        }
    }

    private static int line(TomlParseResult toml, String key) {
        TomlPosition position = toml.inputPositionOf(List.of(key));
        return position == null ? 0 : position.line();
    }
}
