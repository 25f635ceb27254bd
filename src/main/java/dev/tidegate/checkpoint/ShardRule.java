package dev.tidegate.checkpoint;

import java.util.List;

/**
 * Directories of which the files belong together and of which one file is written last: a directory that holds a shard is
 * taken as a whole, once it holds the marker and has been quiet.
 *
 * @param marker what the file is called that is written last, such as {@code .metadata}
 * @param shard what the shards are called, such as <code>__{name}.distcp</code>
 */
public record ShardRule(String marker, String shard) {

    /** As torch.distributed.checkpoint writes them. */
    public static final ShardRule DISTRIBUTED_CHECKPOINT = new ShardRule(".metadata", "__{name}.distcp");

    /** What is known of the usual libraries. */
    public static final List<ShardRule> DEFAULTS = List.of(DISTRIBUTED_CHECKPOINT);

    /**
     * Checks the patterns.
     *
     * @throws IllegalArgumentException with a sentence for the user if one breaks a rule
     */
    public ShardRule {
        if (NamePattern.parse(marker).names() || NamePattern.parse(marker).numbers()) {
            throw new IllegalArgumentException("the marker of a shard rule is a name, not \"" + marker + '"');
        }
        NamePattern.parse(shard);
    }

    /**
     * Reads {@code MARKER:SHARD}.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public static ShardRule parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException("a shard rule is MARKER:SHARD, not \"" + text + '"');
        }
        return new ShardRule(parts[0], parts[1]);
    }

    @Override
    public String toString() {
        return marker + ":" + shard;
    }
}
