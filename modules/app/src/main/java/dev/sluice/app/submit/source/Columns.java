package dev.sluice.app.submit.source;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which columns of a CSV file, or fields of a JSON object, have which part of a request. What is
 * not said is guessed from the names.
 *
 * @param attributes columns that become attributes of the request, under their own names
 */
public record Columns(
        Optional<String> content,
        Optional<String> id,
        Optional<String> userId,
        Set<String> attributes) {
    private static final Set<String> CONTENT = Set.of("content", "text", "body", "html");
    private static final Set<String> ID = Set.of("id", "requestid");
    private static final Set<String> USER = Set.of("user", "userid");

    public Columns {
        attributes = Set.copyOf(attributes);
    }

    /**
     * The columns of a CSV file. If it has only one, that has the content.
     *
     * @param header all names in the file
     * @throws InvalidSourceException if a column is missing, or cannot be guessed
     */
    Columns ofCsv(String source, List<String> header) {
        if (header.isEmpty()) {
            throw new InvalidSourceException(source + " is empty; it needs a header");
        }
        boolean isAlone = header.size() == 1 && content.isEmpty() && guess(header, ID).isEmpty();
        return (isAlone
                        ? new Columns(Optional.of(header.getFirst()), id, userId, attributes)
                        : this)
                .in(source, header);
    }

    /**
     * The columns of a file of rows, or the fields of an object.
     *
     * @throws InvalidSourceException if one is missing, or cannot be guessed
     */
    Columns in(String source, List<String> header) {
        require(source, header, content);
        require(source, header, id);
        require(source, header, userId);
        attributes.forEach(name -> require(source, header, Optional.of(name)));
        Optional<String> found = content.or(() -> guess(header, CONTENT));
        if (found.isEmpty()) {
            throw new InvalidSourceException(
                    source
                            + ": which column has the content? Name it with --content-column; there"
                            + " are "
                            + String.join(", ", header));
        }
        return new Columns(
                found,
                id.or(() -> guess(header, ID)),
                userId.or(() -> guess(header, USER)),
                attributes);
    }

    /** The columns in words. */
    String words(String source) {
        List<String> parts = new ArrayList<>();
        content.ifPresent(name -> parts.add("content from '" + name + "'"));
        id.ifPresent(name -> parts.add("requestId from '" + name + "'"));
        userId.ifPresent(name -> parts.add("userId from '" + name + "'"));
        if (!attributes.isEmpty()) {
            parts.add("attributes from '" + String.join("', '", attributes) + "'");
        }
        return source + ": " + String.join(", ", parts);
    }

    private static void require(String source, Collection<String> header, Optional<String> name) {
        if (name.isPresent() && !header.contains(name.get())) {
            throw new InvalidSourceException(
                    source
                            + " has no column '"
                            + name.get()
                            + "'; there are "
                            + String.join(", ", header));
        }
    }

    private static Optional<String> guess(List<String> header, Set<String> names) {
        return header.stream()
                .filter(name ->
                        names.contains(name.toLowerCase(Locale.ROOT).replaceAll("[ _-]", "")))
                .findFirst();
    }
}
