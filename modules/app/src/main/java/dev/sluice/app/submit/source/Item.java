package dev.sluice.app.submit.source;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One piece of content of a source.
 *
 * @param source name of the file, relative to the folder that was given
 * @param row number of the row in a file of rows, from 1; empty for a whole file
 * @param id the row's own id; empty without one
 * @param userId the row's own user; empty without one
 * @param attributes the row's own attributes
 */
public record Item(
        String source,
        OptionalLong row,
        Optional<String> id,
        Optional<String> userId,
        String content,
        Map<String, String> attributes) {
    public Item {
        attributes = Map.copyOf(attributes);
    }

    /** The source, and the row. */
    public String label() {
        return label(source, row);
    }

    static String label(String source, OptionalLong row) {
        return row.isPresent() ? source + ":" + row.getAsLong() : source;
    }
}
