package dev.sluice.bench.page;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A table in Markdown, which can replace an older one on a page. */
public final class PageTable {
    private final String name;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * An empty table.
     *
     * @param name its name on the page
     */
    public PageTable(String name, List<String> columns) {
        this.name = name;
        rows.add(columns);
        rows.add(columns.stream().map(_ -> "---").toList());
    }

    /** Adds a row. */
    public void row(List<String> cells) {
        rows.add(cells);
    }

    /**
     * Prints the table, and puts it on the page in the place of the one with this name.
     *
     * @throws IOException if the page has no place for it
     */
    public void print(Optional<Path> page) throws IOException {
        System.out.println();
        System.out.println(this);
        if (page.isPresent()) {
            String text = Files.readString(page.get());
            Matcher begin = Pattern.compile("<!-- table " + name + "\\b.*-->\n+").matcher(text);
            int from = begin.find() ? begin.end() : -1;
            int to = text.indexOf("<!-- end -->", from);
            if (from < 0 || to < 0) {
                throw new IOException(page.get() + " has no place for the table " + name);
            }
            Files.writeString(page.get(), text.substring(0, from) + this + text.substring(to));
        }
    }

    @Override
    public String toString() {
        return rows.stream()
                .map(row -> row.stream().collect(Collectors.joining(" | ", "| ", " |\n")))
                .collect(Collectors.joining());
    }
}
