package dev.tidegate.workstation.sync;

import dev.tidegate.v1.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What a sync of one artifact did.
 *
 * @param artifact as the user named it
 * @param directory without links
 * @param snapshot that the directory holds now; empty if the artifact has none
 * @param from the number of the snapshot that it held before; 0 if there was none
 * @param done what was done
 * @param setAside local edits that gave way, as {@code path -> new path}
 * @param edited files that the snapshot does not have any more and that stay, for they were changed here
 * @param omitted what of the snapshot is not there, as sentences
 * @param duration of the sync
 */
public record SyncReport(
        String artifact,
        Path directory,
        Optional<Snapshot> snapshot,
        long from,
        Done done,
        Listing setAside,
        Listing edited,
        Listing omitted,
        Duration duration) {

    /**
     * Numbers.
     *
     * @param filesWritten put into place, new or changed
     * @param filesKept as they were, adopted ones among them
     * @param filesAdopted that stood there, and no sync had put them there
     * @param filesRemoved that the snapshot does not have any more
     * @param filesKeptDeleted of these, what stays because it was asked for
     * @param directoriesMade new directories
     * @param directoriesRemoved directories that have become empty
     * @param linksMade new or changed symbolic links
     * @param bytesDownloaded of files
     * @param bytesReused of the files written that were taken from files on this machine
     * @param bytesKept the sizes of the files kept
     * @param bytesReceived the encoded bytes of chunks that travelled, those of manifests not among them
     */
    public record Done(
            long filesWritten,
            long filesKept,
            long filesAdopted,
            long filesRemoved,
            long filesKeptDeleted,
            long directoriesMade,
            long directoriesRemoved,
            long linksMade,
            long bytesDownloaded,
            long bytesReused,
            long bytesKept,
            long bytesReceived) {}
}
