package dev.tidegate.agent.run;

import dev.tidegate.agent.PushResult;

/** How one cycle of an artifact ended. */
sealed interface SyncOutcome {

    /** Nothing had changed since the last push: none was opened. */
    record Unchanged() implements SyncOutcome {}

    /**
     * It was pushed.
     *
     * @param result of the push; an unchanged tree makes no snapshot
     */
    record Pushed(PushResult result) implements SyncOutcome {}

    /**
     * It could not be pushed.
     *
     * @param sentence why
     */
    record Failed(String sentence) implements SyncOutcome {}

    /** Whether everything that stood in the directory when the cycle began is safe. */
    default boolean complete() {
        return switch (this) {
            case Unchanged() -> true;
            case Pushed(PushResult result) -> result.complete();
            case Failed _ -> false;
        };
    }
}
