package dev.tidegate.agent;

import dev.tidegate.client.ChunkUploader;
import dev.tidegate.client.RateLimit;
import dev.tidegate.client.UploadStatistics;
import dev.tidegate.manifest.TreePath;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Collects what a push does, from all of its threads, and tells the listener. */
final class PushReport {

    final AtomicLong files = new AtomicLong();
    final AtomicLong directories = new AtomicLong();
    final AtomicLong links = new AtomicLong();
    final AtomicLong filesRead = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    final AtomicLong bytesRead = new AtomicLong();
    final AtomicLong bytesUnchanged = new AtomicLong();

    private final PushListener listener;
    private final RateLimit limit;
    private final long begin = System.nanoTime();
    private final List<PushWarning> warnings = new ArrayList<>();
    private long warningCount;
    private boolean complete = true;
    private boolean remembers = true;
    private boolean ownStateTold;
    private volatile @Nullable ChunkUploader uploader;

    PushReport(PushListener listener, RateLimit limit) {
        this.listener = listener;
        this.limit = limit;
    }

    /** Counts bytes that were read; takes as long as they have to. */
    void read(long length) {
        bytesRead.addAndGet(length);
        limit.moved(length);
    }

    /**
     * Takes as long as bytes that are about to be read have to, so that nothing has to wait while they are.
     *
     * @param turn how many are waited for at once
     */
    void waitToRead(long length, int turn) {
        for (long left = length; left > 0; left -= turn) {
            limit.moved(Math.min(left, turn));
        }
    }

    void uploadsThrough(ChunkUploader through) {
        uploader = through;
    }

    /** Starts to count from nothing what is found and what it warns of: the directory is walked again. */
    synchronized void walkAgain() {
        List.of(files, directories, links, bytes, bytesUnchanged).forEach(count -> count.set(0));
        warnings.clear();
        warningCount = 0;
        complete = true;
    }

    synchronized void warn(PushWarning warning) {
        warningCount++;
        complete &= !warning.kind().incomplete();
        if (warnings.size() < PushResult.LISTED_WARNINGS) {
            warnings.add(warning);
        }
        listener.warning(warning);
    }

    /** Tells once that what this machine should remember of the push cannot be written. */
    synchronized void notRemembered(IOException reason) {
        if (remembers) {
            remembers = false;
            listener.notRemembered(reason);
        }
    }

    /** Tells once that Tidegate's own state is in the directory. */
    synchronized void ownStateLeftOut(TreePath path) {
        if (!ownStateTold) {
            ownStateTold = true;
            listener.ownStateLeftOut(path);
        }
    }

    synchronized void progress() {
        listener.progress(statistics());
    }

    synchronized List<PushWarning> warnings() {
        return List.copyOf(warnings);
    }

    synchronized long warningCount() {
        return warningCount;
    }

    synchronized boolean complete() {
        return complete;
    }

    PushStatistics statistics() {
        ChunkUploader through = uploader;
        UploadStatistics upload =
                through == null ? new UploadStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0) : through.statistics();
        return new PushStatistics(
                files.get(),
                directories.get(),
                links.get(),
                filesRead.get(),
                bytes.get(),
                bytesRead.get(),
                bytesUnchanged.get(),
                upload.chunksReused(),
                upload.chunksNew(),
                upload.bytesNew(),
                upload.bytesStored(),
                upload.bytesSent(),
                Duration.ofNanos(System.nanoTime() - begin));
    }
}
