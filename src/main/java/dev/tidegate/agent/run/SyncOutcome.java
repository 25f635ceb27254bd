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
     * @param cause of what kind that is
     */
    record Failed(String sentence, Cause cause) implements SyncOutcome {

        /** For a cause of its own. */
        Failed(String sentence) {
            this(sentence, Cause.OTHER);
        }
    }

    /** What keeps an artifact from being pushed. */
    enum Cause {
        /** The gateway is away, or does not work now. */
        GATEWAY_AWAY,
        /** There is no directory. */
        DIRECTORY_ABSENT,
        /** Something else. */
        OTHER
    }

    /** Whether everything that stood in the directory when the cycle began is safe. */
    default boolean complete() {
        return switch (this) {
            case Unchanged() -> true;
            case Pushed(PushResult result) -> result.complete();
            case Failed _ -> false;
        };
    }
}
