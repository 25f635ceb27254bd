package dev.tidegate.cli;

import dev.tidegate.client.Page;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;

/** Goes through a list page by page, each asked for when the one before has been taken. */
final class Pages<T> implements Iterator<T> {

    /** The most that the gateway puts on a page. */
    static final int SIZE = 1000;

    private final Function<Optional<String>, Page<T>> source;
    private final ArrayDeque<T> items = new ArrayDeque<>();
    private Optional<String> next = Optional.empty();
    private boolean ended;

    Pages(Function<Optional<String>, Page<T>> source) {
        this.source = source;
    }

    @Override
    public boolean hasNext() {
        while (items.isEmpty() && !ended) {
            Page<T> page = source.apply(next);
            items.addAll(page.items());
            next = page.next();
            ended = next.isEmpty();
        }
        return !items.isEmpty();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return items.remove();
    }
}
