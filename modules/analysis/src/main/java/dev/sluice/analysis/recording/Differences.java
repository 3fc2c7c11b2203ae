package dev.sluice.analysis.recording;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Where two JSON values differ. */
final class Differences {
    private static final String ABSENT = "nothing";
    private static final String FENCE = "=====CONTENT-";

    private final List<Difference> found = new ArrayList<>();

    /**
     * A place where they differ.
     *
     * @param path as a JSON Pointer
     * @param recorded from the first character that differs
     * @param asked from the first character that differs
     */
    record Difference(String path, String recorded, String asked) {}

    private Differences() {}

    static List<Difference> of(JsonNode recorded, JsonNode asked) {
        Differences differences = new Differences();
        differences.compare("", recorded, asked);
        return differences.found;
    }

    private void compare(String path, JsonNode recorded, JsonNode asked) {
        if (recorded.equals(asked)) {
            return;
        }
        if (recorded instanceof ObjectNode one && asked instanceof ObjectNode other) {
            TreeSet<String> names = new TreeSet<>(one.propertyNames());
            names.addAll(other.propertyNames());
            names.forEach(name -> compare(path + "/" + name, one.path(name), other.path(name)));
        } else if (recorded instanceof ArrayNode one && asked instanceof ArrayNode other) {
            for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
                compare(path + "/" + i, one.path(i), other.path(i));
            }
        } else {
            compareLines(path, text(recorded), text(asked));
        }
    }

    /** Prompts have many lines, of which few differ. */
    private void compareLines(String path, String recorded, String asked) {
        List<String> one = recorded.lines().toList();
        List<String> other = asked.lines().toList();
        if (one.size() == 1 && other.size() == 1) {
            add(path, recorded, asked);
            return;
        }
        for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
            String before = i < one.size() ? one.get(i) : ABSENT;
            String after = i < other.size() ? other.get(i) : ABSENT;
            // The line around the content has a hash of the content.
            boolean isFence = before.startsWith(FENCE) && after.startsWith(FENCE);
            if (!before.equals(after) && !isFence) {
                add(path + " line " + (i + 1), before, after);
            }
        }
    }

    private void add(String path, String recorded, String asked) {
        int same = 0;
        while (same < Math.min(recorded.length(), asked.length())
                && recorded.charAt(same) == asked.charAt(same)) {
            same++;
        }
        String before = same == 0 ? "" : "…";
        found.add(
                new Difference(
                        path,
                        quoted(before + recorded.substring(same)),
                        quoted(before + asked.substring(same))));
    }

    private static String quoted(String text) {
        return text.equals(ABSENT) ? text : "'" + text + "'";
    }

    private static String text(JsonNode node) {
        return node.isMissingNode() ? ABSENT : node.isString() ? node.asString() : node.toString();
    }
}
