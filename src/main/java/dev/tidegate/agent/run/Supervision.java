package dev.tidegate.agent.run;

import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/** Stands by a workload until it has ended: passes signals on, and kills what has not ended in time. For one thread. */
final class Supervision {

    private static final int POLL_MILLIS = 100;

    private final Workload workload;
    private final Signals signals;
    private final Duration grace;
    private final AgentListener listener;

    private final Set<String> owed = new LinkedHashSet<>();
    private boolean toldOfDelay;

    /** Prepares it; after a SIGTERM the workload may run on for {@code grace}. */
    Supervision(Workload workload, Signals signals, Duration grace, AgentListener listener) {
        this.workload = workload;
        this.signals = signals;
        this.grace = grace;
        this.listener = listener;
    }

    /**
     * Waits for the end.
     *
     * @param sync is run for each signal that asks for a push
     */
    void awaitEnd(Runnable sync) throws IOException, InterruptedException {
        long killAt = 0;
        boolean stopping = false;
        while (!workload.hasEnded()) {
            String signal = signals.next(POLL_MILLIS);
            if (signal != null && signal.equals(Signals.SYNC)) {
                sync.run();
            } else if (signal != null) {
                owed.add(signal);
                if (signal.equals("TERM") && !stopping) {
                    stopping = true;
                    killAt = System.nanoTime() + grace.toNanos();
                }
            }
            if (stopping && System.nanoTime() - killAt >= 0) {
                listener.message("the job has not ended within " + grace.toSeconds() + " s: it is killed");
                owed.add("KILL");
                killAt = System.nanoTime() + grace.plusSeconds(1).toNanos();
            }
            passOn();
        }
    }

    /** Where the machine has no room for the process that sends it, a signal is passed on as soon as it has. */
    private void passOn() {
        try {
            for (Iterator<String> each = owed.iterator(); each.hasNext(); each.remove()) {
                workload.signal(each.next());
            }
        } catch (IOException crowded) {
            if (!toldOfDelay) {
                toldOfDelay = true;
                listener.message("warning: the job gets SIG" + String.join(", SIG", owed)
                        + " when the machine has room for a process again: " + crowded.getMessage());
            }
        }
    }
}
