/**
 * What checkpoints and their pointers are called: the rules by which a name says to which checkpoint of which group it
 * belongs. Described with examples in {@code docs/checkpoint-rules.md}.
 *
 * <p>Plain Java, for agents, which take only what a pointer has committed, and for the gateway, which never mixes the
 * checkpoints of two runs.
 */
@NullMarked
package dev.tidegate.checkpoint;

import org.jspecify.annotations.NullMarked;
