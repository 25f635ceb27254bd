package dev.tidegate.gateway.merge;

import dev.tidegate.gateway.ingest.Slots;
import jakarta.enterprise.context.ApplicationScoped;

/** How many merges and comparisons are made at a time, for all callers together. */
@ApplicationScoped
public class MergeSlots {

    private final Slots slots;

    MergeSlots(MergeConfig config) {
        this.slots = new Slots(config.concurrent(), Slots.FEW_WORDS);
    }

    /** One for each that may be made. */
    public Slots slots() {
        return slots;
    }
}
