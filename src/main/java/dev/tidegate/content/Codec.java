package dev.tidegate.content;

/**
 * How a chunk's plaintext is stored. Identity is separate: the digest is always that of the plaintext.
 *
 * <p>The codes are part of the pack format, the catalogue and the wire: they never change.
 */
public enum Codec {
    /** The plaintext itself. */
    NONE(0),
    /** One Zstandard frame (RFC 8878). */
    ZSTD(1),
    /** The bytes of each 2-byte word regrouped into 2 planes, then {@link #ZSTD}. */
    BYTEPLANE2_ZSTD(2),
    /** The bytes of each 4-byte word regrouped into 4 planes, then {@link #ZSTD}. */
    BYTEPLANE4_ZSTD(3),
    /** What it has other than another chunk: see {@link Delta}. In packs only; no chunk travels so. */
    DELTA(4);

    private final int code;

    Codec(int code) {
        this.code = code;
    }

    /** The stable code of this codec. */
    public int code() {
        return code;
    }

    /**
     * Returns the codec of a stable code.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Codec ofCode(int code) {
        return switch (code) {
            case 0 -> NONE;
            case 1 -> ZSTD;
            case 2 -> BYTEPLANE2_ZSTD;
            case 3 -> BYTEPLANE4_ZSTD;
            case 4 -> DELTA;
            default -> throw new IllegalArgumentException("no codec has the code " + code);
        };
    }
}
