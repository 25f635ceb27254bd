package dev.tidegate.toml;

/** A document that cannot be obeyed. The message names the file and, where there is one, the line. */
public final class TomlException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String file;

    /** Of {@code line} of {@code file}; 0 for all of it. */
    public TomlException(String file, int line, String message) {
        super(file + (line > 0 ? ":" + line : "") + ": " + message);
        this.file = file;
    }

    /** The file, as it was named. */
    public String file() {
        return file;
    }
}
