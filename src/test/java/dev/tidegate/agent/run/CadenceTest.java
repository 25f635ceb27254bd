package dev.tidegate.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Cycles on their thread. */
final class CadenceTest {

    private static final Duration NEVER = Duration.ofDays(1);
    private static final Duration SOON = Duration.ofSeconds(30);

    private final AtomicInteger cycles = new AtomicInteger();
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();

    @Test
    void neverOverlapsItself() throws Exception {
        // Given cycles that take longer than their period, and many who ask for more
        try (Cadence cadence = new Cadence("test", Duration.ofMillis(1), true, OptionalLong::empty, last -> cycle(5))) {
            for (int round = 0; round < 5; round++) {
                List<CompletableFuture<SyncOutcome>> asked = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    asked.add(cadence.request());
                }
                for (CompletableFuture<SyncOutcome> each : asked) {
                    each.get(30, TimeUnit.SECONDS);
                }
            }
        }
        // Then
        assertThat(mostAtOnce).hasValue(1);
        assertThat(cycles).hasValueGreaterThanOrEqualTo(5);
    }

    @Test
    void aRequestIsAnsweredByACycleThatBeganAfterIt() throws Exception {
        // Given a cycle that runs
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (Cadence cadence = new Cadence("test", NEVER, true, OptionalLong::empty, last -> {
            int number = cycles.incrementAndGet();
            running.countDown();
            await(go);
            return new SyncOutcome.Failed("cycle " + number);
        })) {
            await(running);
            // When
            CompletableFuture<SyncOutcome> asked = cadence.request();
            assertThat(asked).isNotDone();
            go.countDown();
            // Then
            assertThat(asked.get(30, TimeUnit.SECONDS)).isEqualTo(new SyncOutcome.Failed("cycle 2"));
        }
    }

    @Test
    void theEndWaitsForACycleThatBeganAfterIt() throws Exception {
        // Given
        try (Cadence cadence = new Cadence("test", NEVER, false, OptionalLong::empty, last -> cycle(0))) {
            // When
            cadence.finish();
            // Then
            assertThat(cadence.awaitEnd(SOON)).isTrue();
            assertThat(cycles).hasValue(1);
            assertThat(cadence.lastOutcome().complete()).isTrue();
            assertThat(cadence.request().get(1, TimeUnit.SECONDS).complete()).isTrue();
        }
    }

    @Test
    void theLastCycleIsRepeatedUntilItSucceeds() throws Exception {
        // Given a gateway that comes back after the first attempt
        try (Cadence cadence = new Cadence(
                "test",
                NEVER,
                false,
                OptionalLong::empty,
                last -> cycles.incrementAndGet() < 2 ? new SyncOutcome.Failed("away") : new SyncOutcome.Unchanged())) {
            // When
            cadence.finish();
            // Then
            assertThat(cadence.awaitEnd(SOON)).isTrue();
            assertThat(cycles).hasValue(2);
            assertThat(cadence.lastOutcome().complete()).isTrue();
        }
    }

    @Test
    void aDirectoryThatIsNotThereAtTheEndIsNotWaitedForLong() throws Exception {
        // Given
        try (Cadence cadence = new Cadence("test", NEVER, false, OptionalLong::empty, last -> {
            cycles.incrementAndGet();
            return new SyncOutcome.Failed("it does not exist", SyncOutcome.Cause.DIRECTORY_ABSENT);
        })) {
            for (int before = 0; before < 8; before++) {
                cadence.request().get(30, TimeUnit.SECONDS);
            }
            cycles.set(0);
            // When
            cadence.finish();
            // Then
            assertThat(cadence.awaitEnd(Duration.ofSeconds(12))).isTrue();
            assertThat(cycles).hasValueBetween(2, 5);
            assertThat(cadence.lastOutcome().complete()).isFalse();
        }
    }

    @Test
    void whatWasTrueBeforeTheEndIsNotTakenForTheEnd() throws Exception {
        // Given a cycle that ended well, and a last one that takes too long
        CountDownLatch never = new CountDownLatch(1);
        Cadence cadence = new Cadence("test", NEVER, false, OptionalLong::empty, last -> {
            if (last) {
                await(never);
                return new SyncOutcome.Failed("broken off");
            }
            return new SyncOutcome.Unchanged();
        });
        assertThat(cadence.request().get(30, TimeUnit.SECONDS).complete()).isTrue();
        // When
        cadence.finish();
        assertThat(cadence.awaitEnd(Duration.ofMillis(200))).isFalse();
        cadence.close();
        // Then
        assertThat(cadence.lastOutcome().complete()).isFalse();
    }

    @Test
    void afterACycleThatMetADefectComesTheNext() throws Exception {
        // Given a machine that has no thread for the first cycle
        try (Cadence cadence = new Cadence("test", NEVER, false, OptionalLong::empty, last -> {
            if (cycles.incrementAndGet() == 1) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return new SyncOutcome.Unchanged();
        })) {
            // When
            SyncOutcome first = cadence.request().get(30, TimeUnit.SECONDS);
            SyncOutcome second = cadence.request().get(30, TimeUnit.SECONDS);
            // Then
            assertThat(first.complete()).isFalse();
            assertThat(second.complete()).isTrue();
        }
    }

    @Test
    void whoAsksWhenNoCycleComesAnyMoreIsNotToldOfAnEarlierOne() throws Exception {
        // Given
        Cadence cadence = new Cadence("test", NEVER, false, OptionalLong::empty, last -> new SyncOutcome.Unchanged());
        assertThat(cadence.request().get(30, TimeUnit.SECONDS).complete()).isTrue();
        // When
        cadence.close();
        // Then
        assertThat(cadence.request().get(30, TimeUnit.SECONDS).complete()).isFalse();
    }

    private SyncOutcome cycle(int millis) {
        mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
        cycles.incrementAndGet();
        await(new CountDownLatch(1), millis);
        atOnce.decrementAndGet();
        return new SyncOutcome.Unchanged();
    }

    private static void await(CountDownLatch latch) {
        await(latch, 30_000);
    }

    private static void await(CountDownLatch latch, long millis) {
        try {
            boolean opened = latch.await(millis, TimeUnit.MILLISECONDS);
            assertThat(opened || millis < 30_000).isTrue();
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }
}
