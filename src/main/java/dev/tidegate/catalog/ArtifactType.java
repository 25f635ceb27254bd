package dev.tidegate.catalog;

import java.util.Locale;
import java.util.Optional;

/** The four types of an artifact. The codes are stored: they never change. */
public enum ArtifactType {
    /** Model weights: large files, written whole. */
    CHECKPOINTS(1),
    /** Text that grows at its end. */
    LOGS(2),
    /** Small files. Only a name: nothing in it is ever lost. */
    LOSSY(3),
    /** Large files edited in place. */
    CRUD(4);

    private final int code;

    ArtifactType(int code) {
        this.code = code;
    }

    /** The stable code of this type. */
    public int code() {
        return code;
    }

    static ArtifactType ofCode(int code) {
        for (ArtifactType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new IllegalStateException("the catalogue holds an artifact of the unknown type " + code);
    }

    /** Parses the lower-case name. */
    public static Optional<ArtifactType> parse(String name) {
        for (ArtifactType type : values()) {
            if (type.toString().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** Returns the lower-case name, as in paths and commands. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
