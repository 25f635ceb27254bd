package dev.tidegate.agent;

import dev.tidegate.checkpoint.PointerRule;
import dev.tidegate.checkpoint.ShardRule;
import java.time.Duration;
import java.util.List;

/**
 * What a push takes of a directory that is being written to. Described with examples in {@code docs/checkpoint-rules.md}.
 *
 * @param pointers which checkpoints are committed by a pointer; the first that fits a name counts
 * @param latestOnly whether of those only the ones that a pointer names, and the ones to keep, are taken
 * @param shards which directories are taken as a whole
 * @param quiet for how long everything else has to have been unchanged; zero: not at all
 * @param appendOnly whether files are only ever appended to: what was there is not read again, and a file is taken up to
 *     the size that it had when it was found
 */
public record SelectionRules(
        List<PointerRule> pointers, boolean latestOnly, List<ShardRule> shards, Duration quiet, boolean appendOnly) {

    /** Unless it is set otherwise: 2 s. */
    public static final Duration DEFAULT_QUIET = Duration.ofSeconds(2);

    /** A push would wait too long for more: 5 minutes. */
    public static final Duration LONGEST_QUIET = Duration.ofMinutes(5);

    /** The most rules of a kind: each is tried on each name. */
    public static final int MOST_RULES = 32;

    /** Everything as it is found. */
    public static final SelectionRules EVERYTHING =
            new SelectionRules(List.of(), false, List.of(), Duration.ZERO, false);

    /** For checkpoints: what pointers have committed, whole directories of shards, and what else is quiet. */
    public static final SelectionRules CHECKPOINTS =
            new SelectionRules(PointerRule.DEFAULTS, false, ShardRule.DEFAULTS, DEFAULT_QUIET, false);

    /** For logs that only grow. */
    public static final SelectionRules APPENDED = new SelectionRules(List.of(), false, List.of(), Duration.ZERO, true);

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException with a sentence for the user if one is broken
     */
    public SelectionRules {
        pointers = List.copyOf(pointers);
        shards = List.copyOf(shards);
        if (pointers.size() > MOST_RULES || shards.size() > MOST_RULES) {
            throw new IllegalArgumentException(
                    "there are at most " + MOST_RULES + " pointer rules and as many shard rules");
        }
        if (quiet.isNegative() || quiet.compareTo(LONGEST_QUIET) > 0) {
            throw new IllegalArgumentException("files are waited for from 0 to " + LONGEST_QUIET.toSeconds()
                    + " seconds to be quiet, not " + quiet.toSeconds());
        }
    }

    /** The same with these pointers. */
    public SelectionRules withPointers(List<PointerRule> rules) {
        return new SelectionRules(rules, latestOnly, shards, quiet, appendOnly);
    }

    /** The same with the latest checkpoints only, or with all that are complete. */
    public SelectionRules withLatestOnly(boolean only) {
        return new SelectionRules(pointers, only, shards, quiet, appendOnly);
    }

    /** The same with these directories of shards. */
    public SelectionRules withShards(List<ShardRule> rules) {
        return new SelectionRules(pointers, latestOnly, rules, quiet, appendOnly);
    }

    /** The same with files unchanged for this long. */
    public SelectionRules withQuiet(Duration time) {
        return new SelectionRules(pointers, latestOnly, shards, time, appendOnly);
    }
}
