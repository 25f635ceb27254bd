package dev.tidegate.workstation;

import dev.tidegate.workstation.LineDiff.Edit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Two texts compared line by line, in the unified format that {@code patch} reads. */
public final class UnifiedDiff {

    /** Lines that both have, shown before and behind what differs. */
    static final int CONTEXT = 3;

    /** What follows a last line that does not end. */
    private static final String NO_END = "\\ No newline at end of file";

    private UnifiedDiff() {}

    /**
     * Changes that stand near each other, with what is around them.
     *
     * @param beforeStart the number of the first line before, from 1; where there is none, that of the line above it
     * @param beforeCount how many lines there are of it
     * @param afterStart as {@code beforeStart}, after
     * @param afterCount how many lines there are of it
     * @param lines each begins with {@code ' '} (both have it), {@code '-'}, {@code '+'}, or is the remark that the line
     *     above it does not end
     */
    public record Hunk(int beforeStart, int beforeCount, int afterStart, int afterCount, List<String> lines) {

        /** Copies the lines. */
        public Hunk {
            lines = List.copyOf(lines);
        }

        /** Returns the line that begins a hunk. */
        public String header() {
            return "@@ -" + range(beforeStart, beforeCount) + " +" + range(afterStart, afterCount) + " @@";
        }

        private static String range(int start, int count) {
            return count == 1 ? Integer.toString(start) : start + "," + count;
        }
    }

    /** Compares two texts. Equal ones have no hunks. */
    public static List<Hunk> between(String before, String after) {
        List<String> from = lines(before);
        List<String> to = lines(after);
        Map<String, Integer> numbers = new HashMap<>();
        List<Edit> edits = LineDiff.between(numbered(from, numbers), numbered(to, numbers));
        List<Hunk> hunks = new ArrayList<>();
        int first = 0;
        for (int i = 1; i <= edits.size(); i++) {
            if (i == edits.size()
                    || edits.get(i).beforeFrom() - edits.get(i - 1).beforeTo() > 2 * CONTEXT) {
                hunks.add(hunk(from, to, edits.subList(first, i)));
                first = i;
            }
        }
        return hunks;
    }

    /** Each with its end, so that a last line without one differs from the same line with one. */
    private static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        int begin = 0;
        while (begin < text.length()) {
            int end = text.indexOf('\n', begin);
            int next = end < 0 ? text.length() : end + 1;
            lines.add(text.substring(begin, next));
            begin = next;
        }
        return lines;
    }

    private static int[] numbered(List<String> lines, Map<String, Integer> numbers) {
        int[] result = new int[lines.size()];
        for (int i = 0; i < result.length; i++) {
            int fresh = numbers.size();
            result[i] = numbers.computeIfAbsent(lines.get(i), _ -> fresh);
        }
        return result;
    }

    private static Hunk hunk(List<String> before, List<String> after, List<Edit> edits) {
        Edit first = edits.getFirst();
        Edit last = edits.getLast();
        int above = Math.min(CONTEXT, first.beforeFrom());
        int below = Math.min(CONTEXT, before.size() - last.beforeTo());
        int beforeFrom = first.beforeFrom() - above;
        int beforeCount = last.beforeTo() + below - beforeFrom;
        int afterFrom = first.afterFrom() - above;
        int afterCount = last.afterTo() + below - afterFrom;
        List<String> lines = new ArrayList<>();
        int at = beforeFrom;
        for (Edit edit : edits) {
            add(lines, ' ', before.subList(at, edit.beforeFrom()));
            add(lines, '-', before.subList(edit.beforeFrom(), edit.beforeTo()));
            add(lines, '+', after.subList(edit.afterFrom(), edit.afterTo()));
            at = edit.beforeTo();
        }
        add(lines, ' ', before.subList(at, at + below));
        return new Hunk(
                beforeCount == 0 ? beforeFrom : beforeFrom + 1,
                beforeCount,
                afterCount == 0 ? afterFrom : afterFrom + 1,
                afterCount,
                lines);
    }

    private static void add(List<String> lines, char sign, List<String> added) {
        for (String line : added) {
            boolean ends = line.endsWith("\n");
            lines.add(sign + (ends ? line.substring(0, line.length() - 1) : line));
            if (!ends) {
                lines.add(NO_END);
            }
        }
    }
}
