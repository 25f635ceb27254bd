package dev.tidegate.gateway.boot;

import org.jspecify.annotations.Nullable;

/** The gateway does not start or cannot go on. The message is a sentence for the operator: what, and what to do. */
public final class BootException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BootException(String sentence) {
        this(sentence, null);
    }

    BootException(String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
    }
}
