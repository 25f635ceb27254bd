package dev.tidegate.terminal;

import java.util.ArrayList;
import java.util.List;

/** Rows of text below headings, in columns as wide as what they hold. Not thread-safe. */
public final class Table {

    private static final String GAP = "  ";

    private final List<Column> columns = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    private record Column(String heading, boolean right) {}

    /** Adds a column of text. */
    public Table left(String heading) {
        columns.add(new Column(heading, false));
        return this;
    }

    /** Adds a column of numbers, which stand at its right edge. */
    public Table right(String heading) {
        columns.add(new Column(heading, true));
        return this;
    }

    /**
     * Adds a row. Cells are made printable.
     *
     * @throws IllegalArgumentException if there are not as many cells as columns
     */
    public Table row(String... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells in " + columns.size() + " columns");
        }
        List<String> row = new ArrayList<>(cells.length);
        for (String cell : cells) {
            row.add(Printable.line(cell));
        }
        rows.add(row);
        return this;
    }

    /** Returns the lines, the headings first, without blanks at their ends. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>(rows.size() + 1);
        int[] widths = new int[columns.size()];
        List<String> headings = columns.stream().map(Column::heading).toList();
        measure(headings, widths);
        rows.forEach(row -> measure(row, widths));
        lines.add(line(headings, widths));
        rows.forEach(row -> lines.add(line(row, widths)));
        return lines;
    }

    private static void measure(List<String> cells, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], width(cells.get(i)));
        }
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = cells.get(i);
            String padding = " ".repeat(widths[i] - width(cell));
            if (i > 0) {
                line.append(GAP);
            }
            line.append(columns.get(i).right ? padding + cell : cell + padding);
        }
        return line.toString().stripTrailing();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
