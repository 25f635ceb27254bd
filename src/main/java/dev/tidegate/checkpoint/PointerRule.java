package dev.tidegate.checkpoint;

import java.util.List;

/**
 * Checkpoints that are committed by a pointer: directories with a number, and beside them a symbolic link or a text file
 * that names the newest one that is complete. A checkpoint with a higher number is being written.
 *
 * <p>Patterns are text in which <code>{number}</code> stands for the number and <code>{name}</code>, if it is in both, for whatever
 * belongs together. The pointer is a link, of whose text the last component counts, or a file of at most {@value
 * #MAX_TEXT_BYTES} bytes whose text is a directory's name or its number.
 *
 * @param pointer what pointers are called, such as <code>{name}.latest_checkpoint</code> or {@code latest}
 * @param directory what checkpoints are called, such as <code>{name}_checkpoint_{number}</code> or
 *     <code>global_step{number}</code>
 * @param keep what stands at the end of the names of checkpoints to keep even if only the latest are wanted; may be empty
 */
public record PointerRule(String pointer, String directory, String keep) {

    /** {@code model.latest_checkpoint} leads to {@code model_checkpoint_7}; {@code model_checkpoint_5_force} is kept. */
    public static final PointerRule LATEST_CHECKPOINT_LINK =
            new PointerRule("{name}.latest_checkpoint", "{name}_checkpoint_{number}", "_force");

    /** {@code latest} says {@code global_step100}, as DeepSpeed writes it. */
    public static final PointerRule LATEST_TAG = new PointerRule("latest", "global_step{number}", "");

    /** {@code latest_checkpointed_iteration.txt} says {@code 100}, for {@code iter_0000100}, as Megatron-LM writes it. */
    public static final PointerRule LATEST_ITERATION =
            new PointerRule("latest_checkpointed_iteration.txt", "iter_{number}", "");

    /** What is known of the usual libraries; the first that fits a name counts. */
    public static final List<PointerRule> DEFAULTS = List.of(LATEST_CHECKPOINT_LINK, LATEST_TAG, LATEST_ITERATION);

    /** No text of a pointer is longer. */
    public static final int MAX_TEXT_BYTES = 4096;

    /**
     * Checks the patterns.
     *
     * @throws IllegalArgumentException with a sentence for the user if one breaks a rule
     */
    public PointerRule {
        NamePattern pointers = NamePattern.parse(pointer);
        NamePattern directories = NamePattern.parse(directory);
        if (pointers.numbers() || !directories.numbers() || pointers.names() != directories.names()) {
            throw new IllegalArgumentException(
                    "a pointer rule has {number} in the directories' names alone, and {name} in both or in neither: \""
                            + pointer + ":" + directory + '"');
        }
        if (keep.indexOf('/') >= 0 || keep.indexOf('{') >= 0) {
            throw new IllegalArgumentException(
                    "the end of the names of checkpoints to keep is plain text: \"" + keep + '"');
        }
    }

    /**
     * Reads {@code POINTER:DIRECTORY} or {@code POINTER:DIRECTORY:KEEP}.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public static PointerRule parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException(
                    "a pointer rule is POINTER:DIRECTORY or POINTER:DIRECTORY:KEEP, not \"" + text + '"');
        }
        return new PointerRule(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
    }

    @Override
    public String toString() {
        return keep.isEmpty() ? pointer + ":" + directory : pointer + ":" + directory + ":" + keep;
    }
}
