package dev.tidegate.agent.run;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tidegate.files.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Small files of JSON that are written whole or not at all, whoever is killed meanwhile. */
final class StateFile {

    private StateFile() {}

    /**
     * Writes strings by their names.
     *
     * @param durable whether they must survive a power cut from now on
     */
    static void write(Path file, Map<String, String> values, boolean durable) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes, JsonEncoding.UTF8)) {
            json.writeStartObject();
            for (Map.Entry<String, String> value : values.entrySet()) {
                json.writeStringField(value.getKey(), value.getValue());
            }
            json.writeEndObject();
        }
        WholeFile.replace(file, bytes.toByteArray(), durable);
    }

    /** Reads what {@link #write} wrote; empty if there is nothing. */
    static Optional<Map<String, String>> read(Path file) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        try (JsonParser json = new JsonFactory().createParser(Files.readAllBytes(file))) {
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.VALUE_STRING) {
                    values.put(json.currentName(), json.getText());
                }
            }
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
        return Optional.of(values);
    }
}
