package dev.tidegate.materialise;

import java.time.Duration;

/**
 * What a pull did, or has done so far.
 *
 * @param files written
 * @param filesKept files that were there already as the snapshot has them
 * @param directories the snapshot's
 * @param links symbolic links made, or kept
 * @param leftOut names at the top of the snapshot that were left out, with what is below them
 * @param bytes written to files
 * @param bytesKept the sum of the sizes of the files that were there already
 * @param bytesTotal of all files of the snapshot
 * @param bytesReceived encoded bytes of chunks that travelled
 * @param duration since the beginning
 */
public record PullStatistics(
        long files,
        long filesKept,
        long directories,
        long links,
        long leftOut,
        long bytes,
        long bytesKept,
        long bytesTotal,
        long bytesReceived,
        Duration duration) {}
