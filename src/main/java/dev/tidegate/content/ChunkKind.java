package dev.tidegate.content;

/**
 * What a chunk's plaintext is known to be. A chunk stored as a node has been checked: its encoding is canonical and
 * everything that it names is present. Any bytes may be stored as {@link #DATA}; bytes that were stored as data are
 * therefore no node until they have been uploaded and checked as one, while a node serves wherever data is asked for.
 *
 * <p>The codes are part of the pack format, the catalogue and the wire: they never change.
 */
public enum ChunkKind {
    /** Bytes of a file. */
    DATA(1),
    /** A node of a file's chunk tree. */
    FILE_NODE(2),
    /** A node of a path tree. */
    TREE_NODE(3);

    private final int code;

    ChunkKind(int code) {
        this.code = code;
    }

    /** The stable code of this kind. */
    public int code() {
        return code;
    }

    /** Tells whether a chunk stored as this kind serves where {@code wanted} is asked for. */
    public boolean serves(ChunkKind wanted) {
        return this == wanted || wanted == DATA;
    }

    /**
     * Returns the kind of a stable code.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static ChunkKind ofCode(int code) {
        return switch (code) {
            case 1 -> DATA;
            case 2 -> FILE_NODE;
            case 3 -> TREE_NODE;
            default -> throw new IllegalArgumentException("no chunk kind has the code " + code);
        };
    }
}
