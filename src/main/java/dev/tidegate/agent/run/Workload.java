package dev.tidegate.agent.run;

import dev.tidegate.agent.PushRequest;
import java.io.IOException;
import java.util.OptionalInt;

/** What the agent works for: processes that write into the artifacts' directories, until they have ended. */
interface Workload {

    /** What the status names it by; empty if there is no process to name. */
    OptionalInt pid();

    /** Whether the agent's work for it is over but for the last push. */
    boolean hasEnded() throws IOException;

    /** Who may write once it {@link #hasEnded}: it may run on itself where only the agent was told to stop. */
    default PushRequest.Writers writers() throws IOException {
        return PushRequest.Writers.NONE;
    }

    /** The code to exit with once it {@link #hasEnded}: 128 and the signal's number if a signal ended it. */
    int exitCode() throws IOException;

    /**
     * Passes on a signal that the agent got, such as {@code TERM}.
     *
     * @throws IOException if it cannot be sent now
     */
    void signal(String name) throws IOException;
}
