package dev.tidegate.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SlabsTest {

    private final AtomicInteger waits = new AtomicInteger();
    private final Slabs slabs = new Slabs(2, 100, waits::incrementAndGet);

    @Test
    void oneThatNobodyHoldsIsUsedAgain() throws InterruptedIOException {
        // Given
        Slabs.Slab first = slabs.take();
        first.hold();
        Slabs.Slab second = slabs.take();
        assertThat(second).isNotSameAs(first);
        assertThat(first.isShared()).isTrue();

        // When
        first.release();
        assertThat(first.isShared()).isFalse();
        first.release();

        // Then
        assertThat(slabs.take()).isSameAs(first);
        assertThat(first.isShared()).isFalse();
        assertThat(waits).hasValue(0);
    }

    @Test
    void whoeverFindsNoneSaysSoAndWaits() throws Exception {
        // Given
        Slabs.Slab first = slabs.take();
        Slabs.Slab second = slabs.take();
        CompletableFuture<Slabs.Slab> third = taking();
        await().untilAsserted(() -> assertThat(waits).hasValue(1));
        assertThat(third).isNotDone();

        // When
        second.release();

        // Then
        assertThat(third.get()).isSameAs(second);
        assertThat(first.isShared()).isFalse();
    }

    @Test
    void nobodyWaitsAfterTheyWereClosed() throws Exception {
        // Given
        slabs.take();
        slabs.take();
        CompletableFuture<Slabs.Slab> waiting = taking();
        await().untilAsserted(() -> assertThat(waits).hasValue(1));

        // When
        slabs.close();

        // Then
        assertThat(waiting.get()).isNotNull();
        assertThat(slabs.take()).isNotNull();
    }

    @Test
    void anInterruptedThreadStopsWaitingAndStaysInterrupted() throws InterruptedIOException {
        // Given
        slabs.take();
        slabs.take();
        Thread.currentThread().interrupt();

        // Then
        assertThatThrownBy(slabs::take).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void refusesToBeReleasedTwice() throws InterruptedIOException {
        // Given
        Slabs.Slab slab = slabs.take();
        slab.release();

        // Then
        assertThatThrownBy(slab::release).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new Slabs(0, 1, () -> {})).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ChunkReader(new Chunker(ChunkingProfile.ofAverage(4096)), slabs))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private CompletableFuture<Slabs.Slab> taking() {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return slabs.take();
            } catch (InterruptedIOException impossible) {
                throw new AssertionError(impossible);
            }
        });
    }
}
