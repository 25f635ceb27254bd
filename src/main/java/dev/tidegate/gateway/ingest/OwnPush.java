package dev.tidegate.gateway.ingest;

import dev.tidegate.catalog.Artifact;
import dev.tidegate.catalog.Push;
import dev.tidegate.catalog.PushId;
import dev.tidegate.catalog.Pushes;
import dev.tidegate.store.OrganisationId;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * A push of the gateway's own, to which what it stores is leased for as long as the work takes. Closing gives it up, unless
 * something came of it. Calls block.
 */
public final class OwnPush implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(OwnPush.class);

    /** How long what was stored is kept if the gateway dies. */
    private static final Duration LEASE = Duration.ofMinutes(15);

    private final Pushes pushes;
    private final OrganisationId organisation;
    private final PushId id;
    private final CountDownLatch closed = new CountDownLatch(1);

    private OwnPush(Pushes pushes, OrganisationId organisation, PushId id) {
        this.pushes = pushes;
        this.organisation = organisation;
        this.id = id;
    }

    /**
     * Begins one.
     *
     * @param artifact that it is counted with
     * @param purpose a word for those who look into the database
     */
    public static OwnPush begin(Pushes pushes, OrganisationId organisation, Artifact artifact, String purpose) {
        // Nobody guesses the key, so nobody takes the push up.
        String key = purpose + " " + UUID.randomUUID();
        Push begun = Await.result(() -> pushes.begin(organisation, artifact, 0, key, LEASE));
        OwnPush push = new OwnPush(pushes, organisation, begun.id());
        Thread.ofVirtual().name("lease").start(push::renew);
        return push;
    }

    /** Its id. */
    public PushId id() {
        return id;
    }

    private void renew() {
        try {
            while (!closed.await(LEASE.toMillis() / 3, TimeUnit.MILLISECONDS)) {
                try {
                    Await.result(() -> pushes.renew(organisation, id, LEASE));
                } catch (RuntimeException failure) {
                    // Whoever stores for it meets the same in time.
                    LOG.debugf(failure, "the lease of the push %s could not be renewed", id);
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            Await.result(() -> pushes.abandon(organisation, id));
        } catch (RuntimeException failure) {
            LOG.debugf(failure, "the push %s will end with its lease", id);
        }
    }
}
