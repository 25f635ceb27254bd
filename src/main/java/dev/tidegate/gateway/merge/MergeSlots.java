package dev.tidegate.gateway.merge;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Semaphore;

/** How many merges and comparisons are made at a time, for all callers together. */
@ApplicationScoped
public class MergeSlots {

    private final Semaphore slots;

    MergeSlots(MergeConfig config) {
        this.slots = new Semaphore(config.concurrent(), true);
    }

    /** One permit for each that may be made. */
    public Semaphore semaphore() {
        return slots;
    }
}
