package dev.tidegate.deploy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Reads what the tests of this package check. */
final class Documents {

    private static final ObjectMapper JSON = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private Documents() {}

    /** The documents of a YAML text, with aliases resolved; a key that occurs twice is refused. */
    static List<JsonNode> yaml(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<JsonNode> documents = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(options)).loadAll(text)) {
            documents.add(JSON.valueToTree(document));
        }
        return documents;
    }

    /** The one document of a YAML file. */
    static JsonNode yaml(Path file) throws IOException {
        List<JsonNode> documents = yaml(Files.readString(file));
        if (documents.size() != 1) {
            throw new IOException(file + " holds " + documents.size() + " documents, not one");
        }
        return documents.getFirst();
    }

    static JsonNode json(Path file) throws IOException {
        return JSON.readTree(file.toFile());
    }

    /** What a schema among the tests' resources has against a document. */
    static List<String> faults(String schema, JsonNode document) throws IOException {
        try (InputStream in = Documents.class.getResourceAsStream(schema)) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2019_09)
                    .getSchema(JSON.readTree(in))
                    .validate(document)
                    .stream()
                    .map(Error::toString)
                    .toList();
        }
    }

    /** The files below a directory whose names end so. */
    static List<Path> files(Path directory, String end) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(path -> path.toString().endsWith(end)).sorted().toList();
        }
    }

    /** The texts of an array. */
    static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.asText()));
        return texts;
    }

    /** The version that the build gives the program. */
    static String projectVersion() throws IOException {
        Properties build = new Properties();
        try (InputStream in = Documents.class.getResourceAsStream("/tidegate-build.properties")) {
            build.load(in);
        }
        return build.getProperty("tidegate.version");
    }
}
