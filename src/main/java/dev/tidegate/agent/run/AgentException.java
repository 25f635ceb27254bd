package dev.tidegate.agent.run;

import java.io.IOException;

/** The agent cannot begin or go on. The message is a sentence for the user. */
public final class AgentException extends IOException {

    private static final long serialVersionUID = 1L;

    AgentException(String sentence) {
        super(sentence);
    }

    AgentException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
