package dev.tidegate.workstation.logs;

import java.time.Instant;

/** Where reading logs begins. */
public sealed interface LogBegin {

    /** With the first byte. */
    record All() implements LogBegin {}

    /**
     * With the last lines of each rank.
     *
     * @param lines how many, 0 or more; a line that is not complete is one too
     */
    record Last(long lines) implements LogBegin {
        /**
         * Checks the number.
         *
         * @throws IllegalArgumentException with a sentence for the user if it is negative
         */
        public Last {
            if (lines < 0) {
                throw new IllegalArgumentException("the number of lines is 0 or more");
            }
        }
    }

    /**
     * Behind what had been published at a time.
     *
     * @param time inclusive
     */
    record Since(Instant time) implements LogBegin {}
}
