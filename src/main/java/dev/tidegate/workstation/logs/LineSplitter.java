package dev.tidegate.workstation.logs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cuts bytes into lines, which end with LF. A line that is longer than 1 MiB is handed over in parts. For one thread.
 */
public final class LineSplitter extends OutputStream {

    private static final int LONGEST = 1 << 20;

    private final Lines lines;

    /** The beginning of a line whose end has not come yet. */
    private byte[] open = {};

    private int length;

    /** Takes lines. */
    @FunctionalInterface
    public interface Lines {
        /**
         * Takes a line.
         *
         * @param line without its end; valid during the call
         */
        void accept(ByteBuffer line) throws IOException;
    }

    /** Hands lines to {@code lines}. */
    public LineSplitter(Lines lines) {
        this.lines = lines;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        int from = offset;
        int end = offset + count;
        for (int i = offset; i < end; i++) {
            if (bytes[i] == '\n') {
                if (length == 0) {
                    lines.accept(ByteBuffer.wrap(bytes, from, i - from));
                } else {
                    keep(bytes, from, i);
                    finish();
                }
                from = i + 1;
            }
        }
        keep(bytes, from, end);
    }

    /** Hands over the beginning of a line whose end will not come. */
    public void finish() throws IOException {
        if (length > 0) {
            int complete = length;
            length = 0;
            lines.accept(ByteBuffer.wrap(open, 0, complete));
        }
    }

    private void keep(byte[] bytes, int begin, int end) throws IOException {
        int from = begin;
        while (from < end) {
            int part = Math.min(end - from, LONGEST - length);
            if (open.length < length + part) {
                open = Arrays.copyOf(open, Math.clamp(2L * (length + part), 256, LONGEST));
            }
            System.arraycopy(bytes, from, open, length, part);
            length += part;
            from += part;
            if (length == LONGEST) {
                finish();
            }
        }
    }
}
