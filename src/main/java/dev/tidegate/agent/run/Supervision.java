package dev.tidegate.agent.run;

import dev.tidegate.agent.PushRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/** Stands by a workload until it has ended: passes signals on, and kills what has not ended in time. For one thread. */
final class Supervision {

    private static final int POLL_MILLIS = 100;

    /** How long a job's last processes, such as its shell, may take to end before anything is said of them. */
    private static final Duration SETTLING = Duration.ofSeconds(1);

    private static final int SETTLING_POLL_MILLIS = 10;

    private static final String LEFT_BEHIND = "processes that the job left behind";

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
     * Waits for the end, and for what the workload leaves behind, for as long as it may take to end itself.
     *
     * @param sync is run for each signal that asks for a push
     */
    void awaitEnd(Runnable sync) throws IOException, InterruptedException {
        long killAt = 0;
        boolean stopping = false;
        while (!workload.hasEnded()) {
            String signal = take(POLL_MILLIS, sync);
            if (signal.equals("TERM") && !stopping) {
                stopping = true;
                killAt = System.nanoTime() + grace.toNanos();
            }
            if (stopping && System.nanoTime() - killAt >= 0) {
                listener.message("the job has not ended within " + grace.toSeconds() + " s: it is killed");
                owed.add("KILL");
                killAt = System.nanoTime() + grace.plusSeconds(1).toNanos();
            }
            passOn();
        }
        awaitLeftBehind(sync);
    }

    private void awaitLeftBehind(Runnable sync) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        long end = begin + Math.max(grace.toNanos(), SETTLING.toNanos());
        boolean told = false;
        while (workload.writers() == PushRequest.Writers.LEFT_BEHIND) {
            long now = System.nanoTime();
            if (now - end >= 0) {
                listener.message("warning: " + LEFT_BEHIND + " run on" + names()
                        + ": what they write from now on is in no snapshot");
                return;
            }
            if (!told && now - begin >= SETTLING.toNanos()) {
                told = true;
                listener.message(LEFT_BEHIND + " still run" + names() + ": the agent waits for them, for "
                        + grace.toSeconds() + " s at most");
            }
            if (Signals.ends(take(told ? POLL_MILLIS : SETTLING_POLL_MILLIS, sync))) {
                end = Math.min(end, System.nanoTime() + SETTLING.toNanos());
            }
            passOn();
        }
    }

    private String names() {
        return workload.pid().isPresent() ? " (`ps -s " + workload.pid().getAsInt() + "` names them)" : "";
    }

    /** Takes a signal that comes in time, and does what it asks for or owes it to the workload; empty if there is none. */
    private String take(int millis, Runnable sync) throws InterruptedException {
        String signal = signals.next(millis);
        if (signal == null) {
            return "";
        }
        if (signal.equals(Signals.SYNC)) {
            sync.run();
        } else {
            owed.add(signal);
        }
        return signal;
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
