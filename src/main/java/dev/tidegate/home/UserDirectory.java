package dev.tidegate.home;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The directories below which a program keeps what is one user's (XDG Base Directory Specification). */
public enum UserDirectory {
    /** What the user says: {@code $XDG_CONFIG_HOME}, or {@code ~/.config}. */
    CONFIG("XDG_CONFIG_HOME", ".config"),
    /** What may be lost at no cost but time: {@code $XDG_CACHE_HOME}, or {@code ~/.cache}. */
    CACHE("XDG_CACHE_HOME", ".cache"),
    /** What a program remembers: {@code $XDG_STATE_HOME}, or {@code ~/.local/state}. */
    STATE("XDG_STATE_HOME", ".local/state"),
    /** What is kept: {@code $XDG_DATA_HOME}, or {@code ~/.local/share}. */
    DATA("XDG_DATA_HOME", ".local/share");

    private final String variable;
    private final String usual;

    UserDirectory(String variable, String usual) {
        this.variable = variable;
        this.usual = usual;
    }

    /** Where Tidegate's own is; it need not exist. */
    public Path path() {
        return in(System.getenv(), systemHome()).resolve("tidegate");
    }

    /** The user's home directory. */
    public static Path home() {
        return homeIn(System.getenv(), systemHome());
    }

    Path in(Map<String, String> environment, Path systemHome) {
        return absolute(environment, variable)
                .orElseGet(() -> homeIn(environment, systemHome).resolve(usual));
    }

    /** Java goes by the system's list of users; everything else that a user runs goes by HOME. */
    private static Path homeIn(Map<String, String> environment, Path systemHome) {
        return absolute(environment, "HOME").orElse(systemHome);
    }

    /** The specification has relative paths ignored. */
    private static Optional<Path> absolute(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable))
                .filter(value -> value.startsWith("/"))
                .map(Path::of);
    }

    private static Path systemHome() {
        return Path.of(System.getProperty("user.home"));
    }
}
