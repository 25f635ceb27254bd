package dev.tidegate.workstation;

import java.util.OptionalLong;

/** Some of the bytes of a file, whose size is not known yet. */
public sealed interface ByteRange {

    /** The place of the first byte in a file of {@code size} bytes; more than that if there is none. */
    long begin(long size);

    /** The place behind the last byte in a file of {@code size} bytes. */
    long end(long size);

    /**
     * From a place on.
     *
     * @param offset of the first byte, from 0
     * @param length at most so many; all that follow if empty
     */
    record From(long offset, OptionalLong length) implements ByteRange {

        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException with a sentence for the user if one is negative
         */
        public From {
            if (offset < 0 || length.orElse(0) < 0) {
                throw new IllegalArgumentException("offsets and lengths are 0 or more");
            }
        }

        @Override
        public long begin(long size) {
            return offset;
        }

        @Override
        public long end(long size) {
            return length.isEmpty() || length.getAsLong() > size - offset ? size : offset + length.getAsLong();
        }
    }

    /**
     * The end.
     *
     * @param length at most so many bytes
     */
    record Last(long length) implements ByteRange {

        /**
         * Checks the number.
         *
         * @throws IllegalArgumentException with a sentence for the user if it is negative
         */
        public Last {
            if (length < 0) {
                throw new IllegalArgumentException("offsets and lengths are 0 or more");
            }
        }

        @Override
        public long begin(long size) {
            return Math.max(0, size - length);
        }

        @Override
        public long end(long size) {
            return size;
        }
    }
}
