package dev.tidegate.client;

/**
 * What an upload has done so far. Lengths are in bytes.
 *
 * @param chunksSeen chunks and nodes that were handed over
 * @param bytesSeen their plaintext
 * @param chunksReused those that the gateway had, or that came before in this push
 * @param chunksSent those that were sent and acknowledged
 * @param framesSent frames that were put on a stream, those sent again among them
 * @param bytesSent the encoded bytes of these frames
 * @param chunksNew those that the store did not have, as the gateway counted them
 * @param bytesNew their plaintext
 * @param bytesStored what they occupy, encoded
 */
public record UploadStatistics(
        long chunksSeen,
        long bytesSeen,
        long chunksReused,
        long chunksSent,
        long framesSent,
        long bytesSent,
        long chunksNew,
        long bytesNew,
        long bytesStored) {}
