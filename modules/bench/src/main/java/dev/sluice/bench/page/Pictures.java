package dev.sluice.bench.page;

import dev.sluice.bench.page.BarChart.Bar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command {@code bench pictures}: draws the tables of a page. */
@Command(
        name = "pictures",
        description = {
            "Draws the tables of a page that ask for it, with a line before them such as",
            "  <!-- table b3, picture of \"records a second\" -->",
            "as images/bench-b3.svg beside the page. The columns before that one name the bars."
        })
public final class Pictures implements Callable<Integer> {
    private static final Pattern DRAWN =
            Pattern.compile(
                    "<!-- table (?<name>\\w+), picture of \"(?<column>[^\"]+)\" -->\\n+(?<rows>(?:\\|.*\\n)+)");

    /** The first number of a cell; digits may be in groups, and the cell may be bold. */
    private static final Pattern NUMBER = Pattern.compile("\\d[\\d,]*(?:\\.\\d+)?");

    @Parameters(index = "0", paramLabel = "PAGE", defaultValue = "docs/BENCHMARKS.md")
    private Path page = Path.of("");

    @Override
    public Integer call() throws IOException {
        for (Map.Entry<String, String> picture : of(Files.readString(page)).entrySet()) {
            Path file = page.resolveSibling("images").resolve(picture.getKey());
            Files.writeString(file, picture.getValue());
            System.out.println(file);
        }
        return 0;
    }

    /** The pictures of a page, by the names of their files. */
    static Map<String, String> of(String page) {
        Map<String, String> pictures = new LinkedHashMap<>();
        Matcher table = DRAWN.matcher(page);
        while (table.find()) {
            List<List<String>> rows = table.group("rows").lines().map(Pictures::cells).toList();
            String column = table.group("column");
            int drawn = rows.getFirst().indexOf(column);
            if (drawn < 1) {
                throw new IllegalArgumentException(
                        "the table " + table.group("name") + " has no such column: " + column);
            }
            List<Bar> bars = new ArrayList<>();
            // The second row is the line below the head.
            for (List<String> row : rows.subList(2, rows.size())) {
                Matcher number = NUMBER.matcher(row.get(drawn));
                if (number.find()) {
                    bars.add(
                            new Bar(
                                    label(row.subList(0, drawn)),
                                    Double.parseDouble(number.group().replace(",", "")),
                                    plain(row.get(drawn))));
                }
            }
            pictures.put("bench-" + table.group("name") + ".svg", new BarChart(column, bars).svg());
        }
        return pictures;
    }

    private static List<String> cells(String row) {
        return Stream.of(row.substring(1, row.lastIndexOf('|')).split("\\|", -1))
                .map(String::strip)
                .toList();
    }

    private static String label(List<String> cells) {
        return cells.stream()
                .filter(cell -> !cell.isEmpty())
                .map(Pictures::plain)
                .collect(Collectors.joining(" · "));
    }

    private static String plain(String markdown) {
        return markdown.replace("**", "").replace("`", "");
    }
}
