package dev.tidegate.manifest;

import java.util.ArrayList;
import java.util.Collection;
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
    }

    MergeInput input(int index) {
        return inputs.get(index);
    }

    int inputs() {
        return inputs.size();
    }

    /**
     * Returns a cursor for each input, which walk side by side.
     *
     * @param hidden of each input, paths of its own that are passed over with all that is below, in their order
     */
    List<InputCursor> cursors(List<? extends Collection<TreePath>> hidden) {
        return cursors(ReadAhead.throughout(source, memory / SHARE), hidden);
    }

    /** As {@link #cursors}, for a walk that passes over most of what it comes to. */
    List<InputCursor> skippingCursors() {
        return cursors(ReadAhead.adaptive(source, memory / SHARE), Collections.nCopies(inputs.size(), List.of()));
    }

    private List<InputCursor> cursors(ReadAhead readAhead, List<? extends Collection<TreePath>> hidden) {
        List<InputCursor> cursors = new ArrayList<>(inputs.size());
        for (int i = 0; i < inputs.size(); i++) {
            cursors.add(InputCursor.of(i, inputs.get(i), readAhead, hidden.get(i)));
        }
        return cursors;
    }

    /** Returns a cursor for a look at an input here and there. */
    InputCursor look(int index) {
        return look(index, List.of());
    }

    /** As {@link #look(int)}, past what is hidden. */
    InputCursor look(int index, Collection<TreePath> hidden) {
        return InputCursor.of(
                index, inputs.get(index), ReadAhead.adaptive(source, memory / SHARE / inputs.size()), hidden);
    }

    /** Returns a cursor over what an input has at {@code path} and below, as if that stood at {@code to}. */
    InputCursor moved(int index, TreePath path, TreePath to) {
        MergeInput input = inputs.get(index);
        ReadAhead readAhead = ReadAhead.adaptive(source, memory / SHARE);
        @Nullable TreePath own = input.own(path);
        TreePath under = input.under();
        return own == null && under != null
                ? InputCursor.moved(index, input, readAhead, null, under.moved(path, to))
                : InputCursor.moved(index, input, readAhead, own, to);
    }
}
