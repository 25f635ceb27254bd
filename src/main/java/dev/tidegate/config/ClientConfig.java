package dev.tidegate.config;

import dev.tidegate.client.Credentials;
import dev.tidegate.client.GatewayAddress;
import dev.tidegate.home.UserDirectory;
import dev.tidegate.toml.TomlDocument;
import dev.tidegate.toml.TomlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlTable;

/**
 * The file {@code tidegate/config.toml} below {@code $XDG_CONFIG_HOME}, which is {@code ~/.config} unless it is set:
 *
 * <pre>
 * current-context = "lab"
 *
 * [contexts.lab]
 * gateway = "gateway.lab:9000"
 * organisation = "research"
 * token-file = "~/.config/tidegate/lab.token"
 * </pre>
 *
 * <p>A key that is not known is refused: it would be one that was misspelt.
 *
 * @param file where it is, or would be
 * @param current the context that is used where none is named
 * @param contexts by their names
 */
public record ClientConfig(Path file, Optional<String> current, SortedMap<String, GatewayContext> contexts) {

    private static final int MAX_BYTES = 1 << 20;
    private static final String CURRENT = "current-context";
    private static final String CONTEXTS = "contexts";
    private static final String GATEWAY = "gateway";
    private static final String ORGANISATION = "organisation";
    private static final String TOKEN_FILE = "token-file";
    private static final Pattern CURRENT_LINE = Pattern.compile("\\s*\"?" + CURRENT + "\"?\\s*=.*");

    /** Makes the contexts unmodifiable. */
    public ClientConfig {
        contexts = Collections.unmodifiableSortedMap(new TreeMap<>(contexts));
    }

    /** Where the file of this user is. */
    public static Path defaultFile() {
        return UserDirectory.CONFIG.path().resolve("config.toml");
    }

    /**
     * Reads a file; nothing is set if there is none.
     *
     * @throws IOException if it cannot be read
     * @throws ConfigException if it cannot be obeyed
     */
    public static ClientConfig read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new ClientConfig(file, Optional.empty(), new TreeMap<>());
        }
        try {
            return of(file, TomlDocument.read(file, MAX_BYTES));
        } catch (NoSuchFileException removed) {
            return new ClientConfig(file, Optional.empty(), new TreeMap<>());
        } catch (TomlException wrong) {
            throw new ConfigException(wrong);
        }
    }

    private static ClientConfig of(Path file, TomlDocument document) {
        requireKnown(document, List.of(), document.table(), Set.of(CURRENT, CONTEXTS));
        SortedMap<String, GatewayContext> contexts = new TreeMap<>();
        if (document.table().contains(List.of(CONTEXTS))) {
            TomlTable tables = table(document, List.of(CONTEXTS), document.table());
            for (String name : tables.keySet()) {
                List<String> key = List.of(CONTEXTS, name);
                TomlTable table = table(document, key, document.table());
                requireKnown(document, key, table, Set.of(GATEWAY, ORGANISATION, TOKEN_FILE));
                String gateway = text(document, key, table, GATEWAY);
                if (gateway == null) {
                    throw new ConfigException(
                            document.file(), document.line(key), "the context " + name + " has no " + GATEWAY);
                }
                contexts.put(
                        name,
                        new GatewayContext(
                                address(document, key, gateway),
                                new Credentials(
                                        Optional.ofNullable(text(document, key, table, ORGANISATION)),
                                        Optional.ofNullable(text(document, key, table, TOKEN_FILE))
                                                .map(path -> resolve(file, path)))));
            }
        }
        String current = text(document, List.of(), document.table(), CURRENT);
        if (current != null && !contexts.containsKey(current)) {
            throw new ConfigException(
                    document.file(), document.line(List.of(CURRENT)), "there is no context " + current);
        }
        return new ClientConfig(file, Optional.ofNullable(current), contexts);
    }

    private static GatewayAddress address(TomlDocument document, List<String> context, String gateway) {
        try {
            return GatewayAddress.parse(gateway);
        } catch (IllegalArgumentException refused) {
            throw new ConfigException(
                    document.file(), document.line(below(context, GATEWAY)), String.valueOf(refused.getMessage()));
        }
    }

    /** A relative path is one from the file's directory. */
    private static Path resolve(Path file, String path) {
        return path.startsWith("~/")
                ? UserDirectory.home().resolve(path.substring(2))
                : file.toAbsolutePath().resolveSibling(path);
    }

    private static void requireKnown(TomlDocument document, List<String> place, TomlTable table, Set<String> known) {
        for (String key : table.keySet()) {
            if (!known.contains(key)) {
                throw new ConfigException(
                        document.file(),
                        document.line(below(place, key)),
                        "there is no key " + key + " here, but "
                                + String.join(", ", known.stream().sorted().toList()));
            }
        }
    }

    private static TomlTable table(TomlDocument document, List<String> key, TomlTable root) {
        if (root.get(key) instanceof TomlTable table) {
            return table;
        }
        throw new ConfigException(
                document.file(), document.line(key), String.join(".", key) + " is a table, this is not");
    }

    private static @Nullable String text(TomlDocument document, List<String> place, TomlTable table, String key) {
        Object value = table.get(List.of(key));
        if (value != null && !(value instanceof String)) {
            throw new ConfigException(
                    document.file(), document.line(below(place, key)), key + " is a string, this is not");
        }
        return (String) value;
    }

    private static List<String> below(List<String> place, String key) {
        List<String> below = new ArrayList<>(place);
        below.add(key);
        return below;
    }

    /**
     * Returns a context.
     *
     * @throws ConfigException if there is none of that name
     */
    public GatewayContext context(String name) {
        GatewayContext context = contexts.get(name);
        if (context == null) {
            throw new ConfigException(
                    file.toString(),
                    0,
                    "there is no context " + name
                            + (contexts.isEmpty() ? "" : ", but " + String.join(", ", contexts.keySet())));
        }
        return context;
    }

    /**
     * Makes a context the current one; the rest of the file stays as it is.
     *
     * @throws IOException if the file cannot be written
     * @throws ConfigException if there is no context of that name
     */
    public void use(String name) throws IOException {
        context(name);
        String line = CURRENT + " = \"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        int at = 0;
        while (at < lines.size() && !lines.get(at).stripLeading().startsWith("[")) {
            if (CURRENT_LINE.matcher(lines.get(at)).matches()) {
                lines.remove(at);
                break;
            }
            at++;
        }
        boolean replaced = at < lines.size() && current.isPresent();
        lines.add(replaced ? at : 0, line);
        if (!replaced) {
            lines.add(1, "");
        }
        Path temporary = Files.createTempFile(file.toAbsolutePath().getParent(), "config", ".tmp");
        Files.write(temporary, lines);
        Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(file));
        Files.move(temporary, file.toRealPath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
