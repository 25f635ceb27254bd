package dev.tidegate.workstation.sync;

import java.util.ArrayList;
import java.util.List;

/** Counts sentences about paths and keeps the first of them. Thread-safe. */
final class PathList {

    private final List<String> first = new ArrayList<>();
    private long count;

    synchronized void add(String line) {
        count++;
        if (first.size() < Listing.LISTED) {
            first.add(line);
        }
    }

    synchronized Listing listing() {
        return new Listing(count, first);
    }
}
