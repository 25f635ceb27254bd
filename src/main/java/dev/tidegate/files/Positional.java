package dev.tidegate.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Reading and writing at a place in a file, all of it, as several threads may do at once. */
public final class Positional {

    private Positional() {}

    /** Fills a buffer with what stands from {@code offset} on; returns false if the file ends before. */
    public static boolean read(FileChannel file, ByteBuffer target, long offset) throws IOException {
        long at = offset;
        while (target.hasRemaining()) {
            int count = file.read(target, at);
            if (count < 0) {
                return false;
            }
            at += count;
        }
        return true;
    }

    /** Writes what a buffer holds from {@code offset} on. */
    public static void write(FileChannel file, ByteBuffer source, long offset) throws IOException {
        long at = offset;
        while (source.hasRemaining()) {
            at += file.write(source, at);
        }
    }
}
