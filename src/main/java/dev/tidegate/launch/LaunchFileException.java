package dev.tidegate.launch;

import dev.tidegate.toml.TomlException;

/** A launch file that cannot be obeyed. The message names the file and, where there is one, the line. */
public final class LaunchFileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String file;

    LaunchFileException(TomlException wrong) {
        super(wrong.getMessage(), wrong);
        this.file = wrong.file();
    }

    LaunchFileException(String file, int line, String message) {
        this(new TomlException(file, line, message));
    }

    /** The file, as it was named. */
    public String file() {
        return file;
    }
}
