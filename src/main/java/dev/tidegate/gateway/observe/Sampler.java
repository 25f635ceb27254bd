package dev.tidegate.gateway.observe;

import dev.tidegate.catalog.Census;
import dev.tidegate.catalog.Census.Figures;
import dev.tidegate.catalog.Census.Lapsed;
import dev.tidegate.gateway.ingest.Await;
import dev.tidegate.gateway.ingest.IngestConfig;
import dev.tidegate.store.PackStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The gauges of what stands in the database and on the disk: of all gateways that share them. A thread of its own asks for
 * it; a scrape gets what was found last, and NaN while nothing could be found.
 */
@Singleton
final class Sampler {

    private static final Logger LOG = Logger.getLogger(Sampler.class);

    /** The part of the time that the database may be asked for. */
    private static final int FRACTION = 50;

    /** The longest pause, in intervals: one answer that took long must not leave a gateway without figures for an hour. */
    private static final int LONGEST = 20;

    private final ObserveConfig config;
    private final SpaceConfig space;
    private final Census census;
    private final PackStore store;
    private final Clock clock;
    private final Counter lapsed;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile @Nullable Figures figures;
    private volatile double freeBytes = Double.NaN;
    private boolean failing;

    Sampler(
            ObserveConfig config,
            SpaceConfig space,
            IngestConfig ingest,
            Census census,
            PackStore store,
            Clock clock,
            MeterRegistry registry) {
        this.config = config;
        this.space = space;
        this.census = census;
        this.store = store;
        this.clock = clock;
        this.lapsed = Counter.builder("tidegate.leases.expired")
                .description("Leases of pushes that have ended without being renewed.")
                .register(registry);
        gauge(registry, "tidegate.pushes.open", "Pushes whose lease has not ended.", Figures::openPushes);
        gauge(
                registry,
                "tidegate.chunks.indexed",
                "Rows of the chunk index, as PostgreSQL's statistics estimate them.",
                Figures::chunks);
        gauge(
                registry,
                "tidegate.pack.fill.ratio",
                "The mean length of sealed packs, as a part of the length at which a pack is sealed.",
                found -> found.sealedLength() / ingest.packLength());
        for (Census.PackState state : Census.PackState.values()) {
            Gauge.builder("tidegate.packs", this, sampler -> sampler.value(found -> found.packs(state)))
                    .description("Packs that the catalogue knows.")
                    .tag("state", state.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        Gauge.builder("tidegate.store.free", this, sampler -> sampler.freeBytes)
                .description("Bytes that can be written before the reserve is reached.")
                .baseUnit("bytes")
                .register(registry);
        // A gauge holds what it asks weakly: this lives as long as the gateway, whatever it was given may not.
        Gauge.builder("tidegate.store.reserve", this, sampler -> sampler.space.reserve())
                .description("Bytes that packs leave free.")
                .baseUnit("bytes")
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<Figures> value) {
        Gauge.builder(name, this, sampler -> sampler.value(value))
                .description(description)
                .register(registry);
    }

    private double value(ToDoubleFunction<Figures> value) {
        Figures found = figures;
        return found == null ? Double.NaN : value.applyAsDouble(found);
    }

    void start(@Observes StartupEvent event) {
        Thread.ofPlatform().daemon().name("sampler").start(this::run);
    }

    void stop(@Observes ShutdownEvent event) {
        stopped.countDown();
    }

    private void run() {
        Instant since = clock.instant();
        try {
            // What the first answers take is the start of the gateway, not the size of the catalogue.
            since = sample(since);
            Duration pause = config.interval();
            while (!stopped.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                long begun = System.nanoTime();
                since = sample(since);
                pause = pause(Duration.ofNanos(System.nanoTime() - begun));
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration pause(Duration answering) {
        Duration shortest = config.interval();
        Duration longest = shortest.multipliedBy(LONGEST);
        Duration pause = answering.multipliedBy(FRACTION);
        if (pause.compareTo(shortest) < 0) {
            return shortest;
        }
        return pause.compareTo(longest) < 0 ? pause : longest;
    }

    /** Looks once; returns up to when leases have been looked at. */
    private Instant sample(Instant since) {
        Instant now = clock.instant();
        Instant looked = since;
        try {
            freeBytes = store.usableSpace();
            Lapsed ended = Await.result(() -> census.lapsed(since, now));
            // Whatever fails from here on, these are not counted again.
            looked = now;
            lapsed.increment((double) ended.count());
            ended.first().forEach(Events::leaseExpired);
            figures = Await.result(() -> census.figures(now));
            failing = false;
        } catch (RuntimeException | Error failure) {
            figures = null;
            if (!failing && stopped.getCount() > 0) {
                failing = true;
                LOG.warnf(failure, "some metrics have no value now; it is tried again");
            }
        }
        return looked;
    }
}
