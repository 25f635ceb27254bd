package dev.tidegate.agent.run;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Pushes everything once more before the agent ends, and tells what could not be made safe. Whatever holds a push up, such as
 * a hook or a disk that does not answer, does not hold up the end. For one thread.
 */
final class LastPush {

    private static final int POLL_MILLIS = 100;

    /** How long the pushes that are broken off may take to end. */
    private static final Duration CLOSING = Duration.ofSeconds(10);

    /** How long it may take to list the files of an artifact that are not safe. */
    private static final Duration LISTING = Duration.ofSeconds(30);

    /** How long each of the two may take once somebody has asked twice for the end. */
    private static final Duration HURRIED = Duration.ofSeconds(2);

    private final AgentSettings settings;
    private final Signals signals;
    private final WorkDirectory work;
    private final AgentListener listener;
    private int asked;

    LastPush(AgentSettings settings, Signals signals, WorkDirectory work, AgentListener listener) {
        this.settings = settings;
        this.signals = signals;
        this.work = work;
        this.listener = listener;
    }

    /** Returns whether all is safe. */
    boolean run(List<ArtifactSync> syncs, Map<ArtifactDirectory, Cadence> cadences)
            throws IOException, InterruptedException {
        cadences.values().forEach(Cadence::finish);
        if (!await(settings.drainLimit(), limit -> allEnd(cadences, limit))) {
            cadences.values().forEach(Cadence::breakOff);
            var _ = await(asked > 1 ? HURRIED : CLOSING, limit -> allEnd(cadences, limit));
        }
        List<ArtifactSync> behind = new ArrayList<>();
        try (UnsafeFiles unsafe = UnsafeFiles.in(work)) {
            for (ArtifactSync sync : syncs) {
                SyncOutcome outcome =
                        Objects.requireNonNull(cadences.get(sync.artifact())).lastOutcome();
                if (!outcome.complete()) {
                    behind.add(sync);
                    unsafe.add(sync.artifact(), outcome);
                }
            }
            for (ArtifactSync sync : behind) {
                Thread lister = Thread.ofPlatform()
                        .daemon()
                        .name("tidegate-unsafe-" + sync.artifact().type())
                        .start(() -> unsafe.list(sync));
                if (!await(asked > 1 ? HURRIED : LISTING, lister::join)) {
                    unsafe.giveUp(sync.artifact());
                }
            }
            unsafe.tell(listener);
            return unsafe.none();
        }
    }

    /** What comes to an end sooner or later. */
    private interface Ending {
        /** Waits for it; returns whether it came in time. */
        boolean within(Duration limit) throws InterruptedException;
    }

    /** Waits for an end, and for a shorter time once somebody asks for it; returns whether it came. */
    private boolean await(Duration limit, Ending ending) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!ending.within(Duration.ofMillis(1))) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            String signal = signals.next(POLL_MILLIS);
            if (signal != null && Signals.ends(signal)) {
                asked++;
                long sooner =
                        System.nanoTime() + (asked > 1 ? 0 : settings.grace().toNanos());
                end = sooner - end < 0 ? sooner : end;
            }
        }
        return true;
    }

    private static boolean allEnd(Map<ArtifactDirectory, Cadence> cadences, Duration each) throws InterruptedException {
        for (Cadence cadence : cadences.values()) {
            if (!cadence.awaitEnd(each)) {
                return false;
            }
        }
        return true;
    }
}
