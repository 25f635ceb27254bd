package dev.tidegate.store;

import org.jspecify.annotations.Nullable;

/** A failure of the storage below. Each condition has its own type. */
public abstract sealed class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * The storage is full: the device or a quota (ENOSPC, EDQUOT), or what is left is the reserve. Older data is intact;
     * writing works again, without a restart, when space has been freed.
     */
    public static final class Full extends StoreException {
        private static final long serialVersionUID = 1L;

        /** Says in {@code message} what was attempted; {@code cause} is null if the reserve was the limit. */
        public Full(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The storage did not do what it was asked to: an I/O error, a failed flush, a refused connection. */
    public static final class Unavailable extends StoreException {
        private static final long serialVersionUID = 1L;

        /** Says in {@code message} what was attempted. */
        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** What stands in a pack is not what was written: bit rot, a torn write, or a location that never was one. */
    public static final class CorruptRecord extends StoreException {
        private static final long serialVersionUID = 1L;

        private final transient PackId pack;
        private final long offset;
        private final String what;

        /** Says in {@code what} how the bytes at {@code offset} of {@code pack} differ from a valid record. */
        public CorruptRecord(PackId pack, long offset, String what) {
            super("pack " + pack + " at " + offset + ": " + what, null);
            this.pack = pack;
            this.offset = offset;
            this.what = what;
        }

        /** The damaged pack. */
        public PackId pack() {
            return pack;
        }

        /** The offset of the record's first byte from the pack's first byte; 0 for the pack's own header. */
        public long offset() {
            return offset;
        }

        /** How the bytes differ from a valid record, for people. */
        public String what() {
            return what;
        }
    }

    /** There is no such pack: it never was, or it has been deleted. */
    public static final class NoSuchPack extends StoreException {
        private static final long serialVersionUID = 1L;

        private final transient PackId pack;

        /** Names the pack. */
        public NoSuchPack(PackId pack) {
            super("there is no pack " + pack, null);
            this.pack = pack;
        }

        /** The pack that was asked for. */
        public PackId pack() {
            return pack;
        }
    }

    /** A pack of this name exists: names are used once. */
    public static final class PackExists extends StoreException {
        private static final long serialVersionUID = 1L;

        private final transient PackId pack;

        /** Names the pack. */
        public PackExists(PackId pack) {
            super("pack " + pack + " exists", null);
            this.pack = pack;
        }

        /** The pack that was to be created. */
        public PackId pack() {
            return pack;
        }
    }
}
