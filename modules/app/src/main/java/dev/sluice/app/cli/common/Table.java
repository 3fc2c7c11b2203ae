package dev.sluice.app.cli.common;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A table for people: columns as wide as their content, which is made safe for a terminal. */
public final class Table {
    private static final int WIDEST = 40;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final List<Column> columns;
    private final List<List<String>> rows = new ArrayList<>();

    /** A column; numbers are aligned on the right. */
    public record Column(String name, boolean isNumber, boolean isWhole) {}

    public Table(List<Column> columns) {
        this.columns = List.copyOf(columns);
        row(columns.stream().map(Column::name).toList());
    }

    public static Column text(String name) {
        return new Column(name, false, false);
    }

    public static Column number(String name) {
        return new Column(name, true, false);
    }

    /** A column of texts that are never cut. */
    public static Column whole(String name) {
        return new Column(name, false, true);
    }

    /**
     * Adds a row. An absent or empty value is shown as a dash. Long ones are cut, except in the
     * last column.
     */
    public void row(List<? extends @Nullable CharSequence> values) {
        List<String> row = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            String safe = SafeText.orNone(values.get(i));
            row.add(columns.get(i).isWhole() || i == columns.size() - 1 ? safe : cut(safe));
        }
        rows.add(row);
    }

    /** Adds the row of sums, whose empty cells stay empty. */
    public void sum(List<String> values) {
        rows.add(values.stream().map(SafeText::of).toList());
    }

    public void print(PrintWriter out) {
        int[] widths =
                IntStream.range(0, columns.size())
                        .map(column ->
                                rows.stream()
                                        .mapToInt(row -> width(row.get(column)))
                                        .max()
                                        .orElse(0))
                        .toArray();
        for (List<String> row : rows) {
            out.println(
                    IntStream.range(0, row.size())
                            .mapToObj(i -> padded(row.get(i), widths[i], columns.get(i)))
                            .collect(Collectors.joining("  "))
                            .stripTrailing());
        }
    }

    private static String padded(String value, int width, Column column) {
        String padding = " ".repeat(width - width(value));
        return column.isNumber() ? padding + value : value + padding;
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }

    /** An instant to the second, in UTC. */
    public static String time(Instant instant) {
        return TIME.format(instant);
    }

    /** The text, or its beginning if it is too long for a column. */
    public static String cut(String text) {
        return width(text) <= WIDEST
                ? text
                : text.substring(0, text.offsetByCodePoints(0, WIDEST - 1)) + "…";
    }
}
