package dev.tidegate.manifest;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a merge reads its inputs: all of them side by side, and a look here and there. */
final class Reading {

    /** One walk holds this much of each level that it reads ahead, out of all that may be held. */
    private static final int SHARE = 4;

    private final NodeSource source;
    private final long memory;
    private final List<MergeInput> inputs;
    private final List<Settlement> settlements;

    /**
     * Reads {@code inputs}.
     *
     * @param memory about how many bytes of nodes may be held ahead of being needed
     */
    Reading(NodeSource source, long memory, List<MergeInput> inputs) {
        if (inputs.size() > InputMerge.MAX_INPUTS) {
            throw new IllegalArgumentException(
                    "a merge has at most " + InputMerge.MAX_INPUTS + " inputs, not " + inputs.size());
        }
        this.source = source;
        this.memory = memory;
        this.inputs = List.copyOf(inputs);
        this.settlements = Collections.nCopies(inputs.size(), Settlement.NONE);
    }

    private Reading(Reading before, List<Settlement> settlements) {
        this.source = before.source;
        this.memory = before.memory;
        this.inputs = before.inputs;
        this.settlements = settlements;
    }

    /** Returns how the inputs are read once it is settled what becomes of their units. */
    Reading settled(List<Settlement> settlements) {
        return new Reading(this, settlements);
    }

    MergeInput input(int index) {
        return inputs.get(index);
    }

    int inputs() {
        return inputs.size();
    }

    /** Returns a cursor for each input, which walk side by side, past what is hidden. */
    List<InputCursor> cursors() {
        return cursors(ReadAhead.throughout(source, memory / SHARE));
    }

    /** As {@link #cursors}, for a walk that passes over most of what it comes to. */
    List<InputCursor> skippingCursors() {
        return cursors(ReadAhead.adaptive(source, memory / SHARE));
    }

    private List<InputCursor> cursors(ReadAhead readAhead) {
        List<InputCursor> cursors = new ArrayList<>(inputs.size());
        for (int i = 0; i < inputs.size(); i++) {
            cursors.add(InputCursor.of(i, inputs.get(i), readAhead, settlements.get(i)));
        }
        return cursors;
    }

    /** Returns a cursor for a look at an input here and there, hidden or not. */
    InputCursor look(int index) {
        return look(index, settlements.get(index).unhidden());
    }

    /** As {@link #look}, past what is hidden. */
    InputCursor lookPastHidden(int index) {
        return look(index, settlements.get(index));
    }

    private InputCursor look(int index, Settlement settlement) {
        return InputCursor.of(
                index, inputs.get(index), ReadAhead.adaptive(source, memory / SHARE / inputs.size()), settlement);
    }

    /** Returns a cursor over what an input has at {@code path} and below, as if that stood at {@code to}. */
    InputCursor moved(int index, TreePath path, TreePath to) {
        MergeInput input = inputs.get(index);
        Settlement settlement = settlements.get(index);
        ReadAhead readAhead = ReadAhead.adaptive(source, memory / SHARE);
        @Nullable TreePath own = input.own(path);
        TreePath under = input.under();
        return own == null && under != null
                ? InputCursor.moved(index, input, readAhead, settlement, null, under.moved(path, to))
                : InputCursor.moved(index, input, readAhead, settlement, own, to);
    }

    /** Tells whether two inputs have the same at a path and below, but for modes and times. */
    boolean isSame(int one, int other, TreePath path) {
        InputCursor first = lookAt(one, path);
        InputCursor second = lookAt(other, path);
        Frontier frontier = new Frontier(List.of(first, second), path.afterSubtree());
        for (Frontier.Kind kind = frontier.find(); kind != Frontier.Kind.END; kind = frontier.find()) {
            if (kind == Frontier.Kind.ENTRIES) {
                TreePath at = frontier.path();
                Entry here = first.claim(at);
                Entry there = second.claim(at);
                if (here == null || there == null || Collision.between(here, there)) {
                    return false;
                }
                frontier.advance();
            } else if (frontier.first().size() == 2) {
                frontier.advance();
            } else {
                frontier.descend();
            }
        }
        return true;
    }

    /** Returns a cursor at the first of an input that may hold {@code path}, hidden or not. */
    InputCursor lookAt(int input, TreePath path) {
        InputCursor cursor = look(input);
        cursor.seek(path);
        return cursor;
    }
}
