package dev.tidegate.agent;

import java.time.Duration;

/**
 * What a push did, or has done so far.
 *
 * @param files regular files found
 * @param directories found, without the pushed one itself
 * @param links symbolic links found
 * @param filesRead files whose bytes were read; the others were as the last push had left them
 * @param bytes the sum of the sizes of the files found
 * @param bytesRead read from files
 * @param bytesUnchanged the sum of the sizes of the files that needed no reading
 * @param chunksReused chunks, nodes among them, that the gateway had already
 * @param chunksNew chunks, nodes among them, that it did not have
 * @param bytesNew the plaintext of the new chunks
 * @param bytesStored what the new chunks occupy, encoded
 * @param bytesSent encoded bytes that travelled, those sent again after a broken connection among them
 * @param duration since the beginning
 */
public record PushStatistics(
        long files,
        long directories,
        long links,
        long filesRead,
        long bytes,
        long bytesRead,
        long bytesUnchanged,
        long chunksReused,
        long chunksNew,
        long bytesNew,
        long bytesStored,
        long bytesSent,
        Duration duration) {}
