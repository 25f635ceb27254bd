package dev.tidegate.config;

import dev.tidegate.toml.TomlException;

/** A configuration that cannot be obeyed. The message names the file and, where there is one, the line. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String file;

    ConfigException(TomlException wrong) {
        super(wrong.getMessage(), wrong);
        this.file = wrong.file();
    }

    ConfigException(String file, int line, String message) {
        this(new TomlException(file, line, message));
    }

    /** The file. */
    public String file() {
        return file;
    }
}
