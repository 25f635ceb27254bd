package dev.tidegate.postgres;

import org.jspecify.annotations.Nullable;

/** The embedded PostgreSQL cannot do what was asked. The message is a sentence for the operator: what, and what to do. */
public final class PostgresException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String sentence;

    PostgresException(String sentence) {
        this(sentence, null);
    }

    PostgresException(String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
        this.sentence = sentence;
    }

    /** The message, which is always there. */
    public String sentence() {
        return sentence;
    }
}
