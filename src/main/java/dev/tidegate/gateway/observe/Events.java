package dev.tidegate.gateway.observe;

import dev.tidegate.catalog.PublishOutcome.Published;
import dev.tidegate.catalog.PushCost;
import dev.tidegate.catalog.PushId;
import dev.tidegate.catalog.Snapshot;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jboss.logging.MDC;

/**
 * What has happened to pushes, snapshots and experiments: a line each, with {@code name=value} for each thing. Where the log
 * is JSON, they are fields as well.
 */
public final class Events {

    /** Its level is set apart from that of all other lines. */
    static final String CATEGORY = "dev.tidegate.events";

    private static final Logger LOG = Logger.getLogger(CATEGORY);

    private Events() {}

    /** A push was opened, or taken up again. */
    public static void pushBegun(PushId push, Object artifact, int writer) {
        log(Level.DEBUG, "push begun", "push", push, "artifact", artifact, "writer", writer);
    }

    /** A push was given up by its client. */
    public static void pushAbandoned(PushId push) {
        log(Level.INFO, "push abandoned", "push", push);
    }

    /** A push was not renewed in time. */
    public static void leaseExpired(PushId push) {
        log(Level.WARN, "push expired", "push", push);
    }

    /** A push has become a snapshot, or found that there is nothing new. */
    public static void published(PushId push, Published outcome) {
        Snapshot snapshot = outcome.snapshot();
        if (outcome.unchanged()) {
            log(Level.DEBUG, "push unchanged", "push", push, "snapshot", snapshot.id());
            return;
        }
        PushCost cost = snapshot.cost();
        log(
                Level.INFO,
                "snapshot published",
                "push",
                push,
                "snapshot",
                snapshot.id(),
                "files",
                snapshot.statistics().files(),
                "bytes",
                snapshot.statistics().bytes(),
                "new_chunks",
                cost.newChunks(),
                "new_bytes",
                cost.newBytes(),
                "stored_bytes",
                cost.storedBytes());
    }

    /** A layer waits for the others of its cut. */
    public static void layerWaits(PushId push, Object artifact, String cut, int arrived, int writers) {
        log(
                Level.INFO,
                "layer waits for its cut",
                "push",
                push,
                "artifact",
                artifact,
                "cut",
                quoted(cut),
                "arrived",
                arrived,
                "writers",
                writers);
    }

    /** The layers of a cut have become a snapshot. */
    public static void cutEnded(Object artifact, Object cut) {
        log(Level.INFO, "cut ended", "artifact", artifact, "cut", cut);
    }

    /** An experiment was created from others. */
    public static void resumeCreated(Object experiment, int inputs, long warnings) {
        log(Level.INFO, "resume created", "experiment", experiment, "inputs", inputs, "warnings", warnings);
    }

    private static void log(Level level, String event, Object... fields) {
        if (!LOG.isEnabled(level)) {
            return;
        }
        StringBuilder line = new StringBuilder(event);
        // Set and removed around one call, which hands the line over on this thread.
        for (int i = 0; i < fields.length; i += 2) {
            line.append(' ').append(fields[i]).append('=').append(fields[i + 1]);
            MDC.put((String) fields[i], String.valueOf(fields[i + 1]));
        }
        MDC.put("event", event);
        try {
            LOG.log(level, line);
        } finally {
            MDC.remove("event");
            for (int i = 0; i < fields.length; i += 2) {
                MDC.remove((String) fields[i]);
            }
        }
    }

    /** What a client has named, so that it neither ends the line nor looks like another field. */
    private static String quoted(String name) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < name.length(); i++) {
            char each = name.charAt(i);
            quoted.append(each == '"' || Character.isISOControl(each) ? '?' : each);
        }
        return quoted.append('"').toString();
    }
}
