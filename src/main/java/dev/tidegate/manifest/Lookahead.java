package dev.tidegate.manifest;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** An iterator that finds its next element when it is asked whether there is one. */
abstract class Lookahead<T> implements Iterator<T> {

    private @Nullable T next;
    private boolean exhausted;

    /** Returns the next element, or null if there is none; not called again after that. */
    abstract @Nullable T advance();

    @Override
    public final boolean hasNext() {
        if (next == null && !exhausted) {
            next = advance();
            exhausted = next == null;
        }
        return next != null;
    }

    @Override
    public final T next() {
        T found = hasNext() ? next : null;
        if (found == null) {
            throw new NoSuchElementException();
        }
        next = null;
        return found;
    }
}
