package dev.tidegate.materialise;

import dev.tidegate.client.ChunkDownloader;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a pull does, in all of its threads, and tells the listener until it is closed. */
final class PullProgress implements AutoCloseable, ContentPipeline.Listener {

    final AtomicLong files = new AtomicLong();
    final AtomicLong filesKept = new AtomicLong();
    final AtomicLong directories = new AtomicLong();
    final AtomicLong links = new AtomicLong();
    final AtomicLong leftOut = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    final AtomicLong bytesKept = new AtomicLong();

    private final ChunkDownloader downloader;
    private final long bytesTotal;
    private final long begin = System.nanoTime();
    private final Ticker ticker;

    PullProgress(ChunkDownloader downloader, long bytesTotal, PullListener listener) {
        this.downloader = downloader;
        this.bytesTotal = bytesTotal;
        this.ticker = new Ticker(() -> listener.progress(statistics()));
    }

    PullStatistics statistics() {
        return new PullStatistics(
                files.get(),
                filesKept.get(),
                directories.get(),
                links.get(),
                leftOut.get(),
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
        ticker.close();
    }
}
