package dev.sluice.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Every value of the chart has a description, in the README too, and a place in its schema. */
class ChartDocumentsTest {
    private static final Pattern KEY = Pattern.compile("( *)([A-Za-z]+):(.*)");
    private static final Pattern DESCRIPTION = Pattern.compile(" *# -- (.*)");
    private static final String BEGIN = "<!-- values: made from values.yaml -->\n";
    private static final String END = "<!-- end of values -->";
    private static final JsonMapper JSON = JsonMapper.shared();

    @Test
    void everyValueIsDescribed() {
        Map<String, String> described = descriptions();

        assertThat(leaves("", Chart.yaml().loadFromString(Chart.file("values.yaml"))).keySet())
                .allSatisfy(leaf ->
                        assertThat(described.keySet())
                                .anyMatch(key -> leaf.equals(key) || leaf.startsWith(key + ".")));
    }

    /** To write the table anew: {@code -Dgolden.update=true}. */
    @Test
    void readmeHasTheTableOfValues() throws IOException {
        String readme = Chart.file("README.md");
        int begin = readme.indexOf(BEGIN) + BEGIN.length();
        String expected =
                readme.substring(0, begin) + table() + readme.substring(readme.indexOf(END));
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(Chart.FOLDER.resolve("README.md"), expected);
        }

        assertThat(Chart.file("README.md")).isEqualTo(expected);
    }

    @Test
    void everyValueIsInTheSchemaAndNoOther() {
        Map<String, Object> schema =
                Chart.map(JSON.readValue(Chart.file("values.schema.json"), Object.class));
        Map<String, Object> values =
                Chart.map(Chart.yaml().loadFromString(Chart.file("values.yaml")));

        compare("", values, schema);
    }

    private static void compare(
            String path, Map<String, Object> values, Map<String, Object> schema) {
        Map<String, Object> properties = new TreeMap<>(Chart.map(schema.get("properties")));
        // Helm adds it for charts that are part of others.
        properties.remove("global");
        assertThat(properties.keySet())
                .as(path)
                .containsExactlyInAnyOrderElementsOf(values.keySet());
        properties.forEach((key, property) -> {
            if (Chart.map(property).containsKey("properties") && !key.equals("resources")) {
                compare(path + "." + key, Chart.map(values.get(key)), Chart.map(property));
            }
        });
    }

    private static String table() {
        StringBuilder table = new StringBuilder("| value | default | meaning |\n|---|---|---|\n");
        Map<String, Object> values =
                Chart.map(Chart.yaml().loadFromString(Chart.file("values.yaml")));
        descriptions()
                .forEach((key, description) ->
                        table.append(
                                "| `%s` | `%s` | %s |\n"
                                        .formatted(
                                                key,
                                                JSON.writeValueAsString(at(values, key)),
                                                description)));
        return table.toString();
    }

    /** By dotted key, in the order of values.yaml. */
    private static Map<String, String> descriptions() {
        Map<String, String> found = new LinkedHashMap<>();
        Deque<String> path = new ArrayDeque<>();
        String description = "";
        for (String line : Chart.file("values.yaml").split("\n", -1)) {
            Matcher comment = DESCRIPTION.matcher(line);
            Matcher key = KEY.matcher(line);
            if (comment.matches()) {
                description = comment.group(1);
            } else if (key.matches()) {
                while (path.size() > key.group(1).length() / 2) {
                    path.removeLast();
                }
                path.addLast(key.group(2));
                if (!description.isEmpty()) {
                    found.put(String.join(".", path), description);
                    description = "";
                }
            }
        }
        return found;
    }

    private static Object at(Map<String, Object> values, String key) {
        Object value = values;
        for (String part : key.split("\\.", -1)) {
            value = Chart.map(value).get(part);
        }
        return value;
    }

    /** Values that are no maps, and empty maps, by dotted key. */
    private static Map<String, Object> leaves(String prefix, Object value) {
        Map<String, Object> leaves = new TreeMap<>();
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((key, child) ->
                    leaves.putAll(
                            leaves(prefix.isEmpty() ? key.toString() : prefix + "." + key, child)));
        } else {
            leaves.put(prefix, value);
        }
        return leaves;
    }
}
