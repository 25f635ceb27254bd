package dev.tidegate.store;

import dev.tidegate.content.Digest;
import java.util.Optional;

/**
 * Asks for a record, as the chunk index knows it.
 *
 * @param location where it stands
 * @param digest which chunk it must hold
 * @param delta what is known besides where the record is a delta
 */
public record RecordRequest(RecordLocation location, Digest digest, Optional<OfDelta> delta) {

    /** Asks for a record as it is. */
    public RecordRequest(RecordLocation location, Digest digest) {
        this(location, digest, Optional.empty());
    }

    /**
     * What a delta needs to become a chunk.
     *
     * @param base its base, which is no delta
     * @param length of the chunk in bytes
     */
    public record OfDelta(RecordRequest base, int length) {

        /**
         * Checks the base.
         *
         * @throws IllegalArgumentException if it is a delta itself
         */
        public OfDelta {
            if (base.delta().isPresent()) {
                throw new IllegalArgumentException("the base " + base.digest() + " is a delta itself");
            }
        }
    }
}
