package dev.tidegate.workstation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The lines that two texts do not have in common: Myers' O(ND) algorithm in linear space ("An O(ND) Difference Algorithm and
 * Its Variations", 1986).
 *
 * <p>The result is shortest where the texts are similar. Where they are not, the search for the middle of the shortest way is
 * broken off after {@link #LIMIT} edits and goes on from the best place it has reached: so time is bounded by the number of
 * lines times the limit, and memory by the number of lines. Libraries that look for the shortest way at any price would need
 * minutes and gigabytes for two large files that have nothing in common.
 */
final class LineDiff {

    /** After so many edits in each direction the search is broken off. */
    static final int LIMIT = 256;

    private static final int NONE = -1;

    private final int[] before;
    private final int[] after;
    private final BitSet removed = new BitSet();
    private final BitSet added = new BitSet();

    /** The furthest places on the diagonals, from the beginning and from the end. */
    private final int[] forward = new int[2 * LIMIT + 3];

    private final int[] backward = new int[2 * LIMIT + 3];

    private LineDiff(int[] before, int[] after) {
        this.before = before;
        this.after = after;
    }

    /**
     * A place at which the texts differ.
     *
     * @param beforeFrom the first line that was removed
     * @param beforeTo behind the last
     * @param afterFrom the first line that was added
     * @param afterTo behind the last
     */
    record Edit(int beforeFrom, int beforeTo, int afterFrom, int afterTo) {}

    /**
     * Returns the places at which two texts differ, in order. Between them, both have the same lines.
     *
     * @param before the lines of one, as numbers that are equal where the lines are
     * @param after the lines of the other
     */
    static List<Edit> between(int[] before, int[] after) {
        LineDiff diff = new LineDiff(before, after);
        diff.compare(0, before.length, 0, after.length);
        return diff.edits();
    }

    private List<Edit> edits() {
        List<Edit> edits = new ArrayList<>();
        int x = 0;
        int y = 0;
        while (x < before.length || y < after.length) {
            int toX = removed.get(x) ? removed.nextClearBit(x) : x;
            int toY = added.get(y) ? added.nextClearBit(y) : y;
            if (toX == x && toY == y) {
                x++;
                y++;
            } else {
                edits.add(new Edit(x, toX, y, toY));
                x = toX;
                y = toY;
            }
        }
        return edits;
    }

    /** Marks what differs in a part of each text. */
    private void compare(int fromX, int toX, int fromY, int toY) {
        int x = fromX;
        int y = fromY;
        int endX = toX;
        int endY = toY;
        while (true) {
            while (x < endX && y < endY && before[x] == after[y]) {
                x++;
                y++;
            }
            while (x < endX && y < endY && before[endX - 1] == after[endY - 1]) {
                endX--;
                endY--;
            }
            if (x == endX || y == endY) {
                removed.set(x, endX);
                added.set(y, endY);
                return;
            }
            Middle middle = middle(x, endX, y, endY);
            compare(x, middle.x(), y, middle.y());
            x = middle.x();
            y = middle.y();
        }
    }

    /** A place that a short way leads through; neither the beginning nor the end. */
    private record Middle(int x, int y) {}

    private Middle middle(int fromX, int toX, int fromY, int toY) {
        int width = toX - fromX;
        int height = toY - fromY;
        int delta = width - height;
        int limit = (int) Math.min(LIMIT, ((long) width + height + 1) / 2);
        Arrays.fill(forward, LIMIT - limit, LIMIT + limit + 3, NONE);
        Arrays.fill(backward, LIMIT - limit, LIMIT + limit + 3, NONE);
        for (int edits = 0; edits <= limit; edits++) {
            for (int k = -edits; k <= edits; k += 2) {
                int x = step(forward, edits, k, width, height);
                while (x >= 0 && x < width && x - k < height && before[fromX + x] == after[fromY + x - k]) {
                    x++;
                }
                set(forward, k, x);
                if (x >= 0 && (delta & 1) != 0 && x + get(backward, delta - k, edits - 1) >= width) {
                    return new Middle(fromX + x, fromY + x - k);
                }
            }
            for (int k = -edits; k <= edits; k += 2) {
                int x = step(backward, edits, k, width, height);
                while (x >= 0 && x < width && x - k < height && before[toX - 1 - x] == after[toY - 1 - (x - k)]) {
                    x++;
                }
                set(backward, k, x);
                if (x >= 0 && (delta & 1) == 0 && x + get(forward, delta - k, edits) >= width) {
                    return new Middle(toX - x, toY - (x - k));
                }
            }
        }
        return furthest(fromX, fromY, limit);
    }

    /** Returns how far a diagonal is reached with one edit more, or nothing if it is not. */
    private static int step(int[] reached, int edits, int k, int width, int height) {
        if (edits == 0) {
            return 0;
        }
        int removing = reached[LIMIT + 1 + k - 1];
        int adding = reached[LIMIT + 1 + k + 1];
        int afterRemoving = removing >= 0 && removing < width ? removing + 1 : NONE;
        int afterAdding = adding >= 0 && adding - k <= height ? adding : NONE;
        return Math.max(afterRemoving, afterAdding);
    }

    private static void set(int[] reached, int k, int x) {
        reached[LIMIT + 1 + k] = x;
    }

    /** Where a diagonal is not reached, the result is less than nothing by more than any text is long. */
    private static int get(int[] reached, int k, int edits) {
        int x = Math.abs((long) k) <= edits ? reached[LIMIT + 1 + k] : NONE;
        return x == NONE ? Integer.MIN_VALUE / 2 : x;
    }

    /** The best place that the search has reached from the beginning. */
    private Middle furthest(int fromX, int fromY, int limit) {
        int bestX = 0;
        int bestK = 0;
        long best = 0;
        for (int k = -limit; k <= limit; k++) {
            int x = forward[LIMIT + 1 + k];
            if (x >= 0 && 2L * x - k > best) {
                best = 2L * x - k;
                bestX = x;
                bestK = k;
            }
        }
        return new Middle(fromX + bestX, fromY + bestX - bestK);
    }
}
