package dev.tidegate.agent;

/**
 * What of a directory is not as its last push found it, told without reading a file or asking the gateway.
 *
 * @param entries files, directories and links, and what cannot be kept
 * @param filesBehind files that are not as the last push found them
 * @param bytesBehind the sum of the sizes of those; of a file that grew, what it grew by
 */
public record Survey(long entries, long filesBehind, long bytesBehind) {

    /** Of a directory that nothing has happened in. */
    public static final Survey NOTHING = new Survey(0, 0, 0);
}
