package dev.tidegate.workstation.sync;

import dev.tidegate.materialise.ContentPipeline;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a sync does, in all of its threads. */
final class SyncCounts implements ContentPipeline.Listener {

    final AtomicLong filesTotal = new AtomicLong();
    final AtomicLong bytesTotal = new AtomicLong();
    final AtomicLong filesWritten = new AtomicLong();
    final AtomicLong filesKept = new AtomicLong();
    final AtomicLong filesAdopted = new AtomicLong();
    final AtomicLong filesRemoved = new AtomicLong();
    final AtomicLong filesKeptDeleted = new AtomicLong();
    final AtomicLong directoriesMade = new AtomicLong();
    final AtomicLong directoriesRemoved = new AtomicLong();
    final AtomicLong linksMade = new AtomicLong();
    final AtomicLong bytesDownloaded = new AtomicLong();
    final AtomicLong bytesReused = new AtomicLong();
    final AtomicLong bytesKept = new AtomicLong();

    @Override
    public void downloaded(int bytes) {
        bytesDownloaded.addAndGet(bytes);
    }

    @Override
    public void reused(int bytes) {
        bytesReused.addAndGet(bytes);
    }

    @Override
    public void placed() {
        filesWritten.incrementAndGet();
    }

    SyncProgress progress(String artifact) {
        return new SyncProgress(
                artifact,
                filesWritten.get() + filesKept.get(),
                filesTotal.get(),
                bytesDownloaded.get() + bytesReused.get() + bytesKept.get(),
                bytesTotal.get());
    }

    SyncReport.Done done(long bytesReceived) {
        return new SyncReport.Done(
                filesWritten.get(),
                filesKept.get(),
                filesAdopted.get(),
                filesRemoved.get(),
                filesKeptDeleted.get(),
                directoriesMade.get(),
                directoriesRemoved.get(),
                linksMade.get(),
                bytesDownloaded.get(),
                bytesReused.get(),
                bytesKept.get(),
                bytesReceived);
    }
}
