package dev.tidegate.agent;

import java.io.IOException;

/** A hook failed or took too long. */
public final class HookException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Says in a sentence what happened. */
    HookException(String sentence) {
        super(sentence);
    }
}
