package dev.sluice.operations;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The names under which Prometheus shows the metrics of docs/METRICS.md. */
record DocumentedMetrics(Set<String> names) {
    private static final Pattern ROW =
            Pattern.compile(
                    "^\\| `([a-z_.]+)` \\| (counter|gauge|timer|histogram) \\|", Pattern.MULTILINE);
    private static final Pattern RECORDED = Pattern.compile("\\bsluice(:[a-z0-9_]+)+");
    private static final Pattern USED = Pattern.compile("\\b(sluice|gen_ai)_[a-z_]+\\b(?!\\s*=)");

    static DocumentedMetrics read() throws IOException {
        String page = Files.readString(Path.of("../../docs/METRICS.md"));
        Set<String> names = new TreeSet<>();
        ROW.matcher(page)
                .results()
                .forEach(row -> {
                    String name = row.group(1).replace('.', '_');
                    boolean isTime = !name.equals("gen_ai_client_token_usage");
                    String unit = isTime ? "_seconds" : "";
                    switch (row.group(2)) {
                        case "counter" -> names.add(name + "_total");
                        case "gauge" -> names.add(name);
                        case "timer" ->
                                names.addAll(
                                        Set.of(name + "_seconds_count", name + "_seconds_sum"));
                        default ->
                                names.addAll(
                                        Set.of(
                                                name + unit + "_count",
                                                name + unit + "_sum",
                                                name + unit + "_bucket"));
                    }
                });
        return new DocumentedMetrics(names);
    }

    /** The series of queries that recording rules make. */
    static Set<String> recordedIn(String queries) {
        return RECORDED.matcher(queries)
                .results()
                .map(found -> found.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The metrics of queries that are not documented. */
    Set<String> unknownIn(String queries) {
        return USED.matcher(queries)
                .results()
                .map(found -> found.group())
                .filter(name -> !names.contains(name) && !name.startsWith("gen_ai_token"))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
