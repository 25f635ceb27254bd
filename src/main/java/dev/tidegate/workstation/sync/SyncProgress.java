package dev.tidegate.workstation.sync;

/**
 * How far a sync is.
 *
 * @param artifact which one
 * @param filesDone written, or kept
 * @param filesTotal of the snapshot
 * @param bytesDone of these
 * @param bytesTotal of the snapshot
 */
public record SyncProgress(String artifact, long filesDone, long filesTotal, long bytesDone, long bytesTotal) {}
