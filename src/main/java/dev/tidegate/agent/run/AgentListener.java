package dev.tidegate.agent.run;

/**
 * Is told what a person beside the agent should know. Calls come from several threads, which all wait for
 * them: they must return whether or not anybody reads.
 */
@FunctionalInterface
public interface AgentListener {

    /** A sentence, without a full stop. It may hold names that are not printable. */
    void message(String sentence);
}
