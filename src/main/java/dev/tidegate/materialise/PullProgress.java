package dev.tidegate.materialise;

import dev.tidegate.client.ChunkDownloader;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a pull does, in all of its threads, and tells the listener until it is closed. */
final class PullProgress implements AutoCloseable, ContentPipeline.Listener {

    private static final Duration INTERVAL = Duration.ofMillis(200);

    final AtomicLong files = new AtomicLong();
    final AtomicLong filesKept = new AtomicLong();
    final AtomicLong directories = new AtomicLong();
    final AtomicLong links = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    final AtomicLong bytesKept = new AtomicLong();

    private final ChunkDownloader downloader;
    private final long bytesTotal;
    private final long begin = System.nanoTime();
    private final CountDownLatch closed = new CountDownLatch(1);

    PullProgress(ChunkDownloader downloader, long bytesTotal, PullListener listener) {
        this.downloader = downloader;
        this.bytesTotal = bytesTotal;
        Thread.ofVirtual().name("tidegate-progress").start(() -> tell(listener));
    }

    PullStatistics statistics() {
        return new PullStatistics(
                files.get(),
                filesKept.get(),
                directories.get(),
                links.get(),
                bytes.get(),
                bytesKept.get(),
                bytesTotal,
                downloader.bytesReceived(),
                elapsed());
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Override
    public void downloaded(int length) {
        bytes.addAndGet(length);
    }

    @Override
    public void reused(int length) {
        bytes.addAndGet(length);
    }

    @Override
    public void placed() {
        files.incrementAndGet();
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void tell(PullListener listener) {
        try {
            while (!closed.await(INTERVAL.toNanos(), TimeUnit.NANOSECONDS)) {
                listener.progress(statistics());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
