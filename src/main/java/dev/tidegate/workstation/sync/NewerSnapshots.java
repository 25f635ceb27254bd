package dev.tidegate.workstation.sync;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What is still to be brought, from those who watch to the one who syncs: of each artifact the newest snapshot alone, however
 * many are published while another is brought.
 */
final class NewerSnapshots {

    private final SequencedMap<String, SyncTarget> waiting = new LinkedHashMap<>();
    private @Nullable RuntimeException failure;

    /** There is a newer snapshot of an artifact: those before it are overtaken. */
    synchronized void put(SyncTarget target) {
        waiting.put(target.artifactId(), target);
        notifyAll();
    }

    /** Nobody watches any more: who waits for a snapshot, or will, gets this. */
    synchronized void fail(RuntimeException why) {
        failure = why;
        notifyAll();
    }

    /** Waits for a snapshot, and takes it. */
    synchronized SyncTarget take() throws InterruptedException {
        while (waiting.isEmpty()) {
            if (failure != null) {
                throw failure;
            }
            wait();
        }
        return waiting.pollFirstEntry().getValue();
    }
}
