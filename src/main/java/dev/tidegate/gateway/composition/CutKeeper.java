package dev.tidegate.gateway.composition;

import dev.tidegate.catalog.Collisions;
import dev.tidegate.catalog.Publications;
import dev.tidegate.catalog.Publications.DueCut;
import dev.tidegate.catalog.Resumes;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.observe.Repeated;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Ends cuts at their deadlines, and those whose last layer came to a gateway that died before it could; forgets what
 * compositions and resumes have left that came to nothing. All gateways do so side by side: whoever is second finds nothing
 * left to do.
 */
@ApplicationScoped
class CutKeeper {

    private static final Logger LOG = Logger.getLogger(CutKeeper.class);
    private static final int BATCH = 100;

    /** Nobody makes a composition, or merges inputs, for longer. */
    private static final Duration STALE = Duration.ofDays(1);

    private static final Duration TIDYING = Duration.ofHours(1);

    private final CompositionConfig config;
    private final Publications publications;
    private final Publisher publisher;
    private final Collisions collisions;
    private final Resumes resumes;
    /** While the database is away each attempt fails, every second. */
    private final Repeated failures = new Repeated();

    private final CountDownLatch stopped = new CountDownLatch(1);

    CutKeeper(
            CompositionConfig config,
            Publications publications,
            Publisher publisher,
            Collisions collisions,
            Resumes resumes) {
        this.config = config;
        this.publications = publications;
        this.publisher = publisher;
        this.collisions = collisions;
        this.resumes = resumes;
    }

    void start(@Observes StartupEvent event) {
        Thread.ofPlatform().daemon().name("cut-keeper").start(this::run);
    }

    void stop(@Observes ShutdownEvent event) {
        stopped.countDown();
    }

    private void run() {
        long tidied = System.nanoTime() - TIDYING.toNanos();
        try {
            do {
                attempt("cuts", this::endDue);
                if (System.nanoTime() - tidied >= TIDYING.toNanos()) {
                    attempt("what unfinished work has left", this::forgetStale);
                    tidied = System.nanoTime();
                }
            } while (!stopped.await(config.cutInterval().toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void forgetStale() {
        Await.result(() -> collisions.discardOlderThan(STALE));
        Await.result(() -> resumes.discardOlderThan(STALE));
    }

    private void endDue() {
        List<DueCut> due = Await.result(() -> publications.due(BATCH));
        for (DueCut cut : due) {
            attempt("the cuts of " + cut.artifact(), () -> publisher.settle(cut.organisation(), cut.artifact()));
        }
    }

    private void attempt(String what, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException failure) {
            if (stopped.getCount() > 0) {
                failures.tell(LOG, Logger.Level.WARN, what + " could not be seen to; it will be tried again", failure);
            }
        }
    }
}
