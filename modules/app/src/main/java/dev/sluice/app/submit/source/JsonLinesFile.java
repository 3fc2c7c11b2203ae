package dev.sluice.app.submit.source;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file with one JSON object a line; each is an item. A field {@code attributes} with an object
 * becomes attributes, too.
 *
 * @param name the items' source
 * @param columns the fields as they were asked for
 */
record JsonLinesFile(Path file, String name, Columns columns) implements ItemSource {
    private static final String ATTRIBUTES = "attributes";

    @Override
    public Optional<String> explanation() throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                Optional<JsonNode> object = object(line);
                if (object.isPresent()) {
                    return words(object.get());
                }
            }
            return Optional.empty();
        } catch (MalformedInputException e) {
            throw new InvalidSourceException(name + " is not valid UTF-8");
        }
    }

    @Override
    public void read(Receiver receiver) throws IOException, InterruptedException {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            long number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (!line.isBlank()) {
                    read(line, OptionalLong.of(number), receiver);
                }
            }
        } catch (MalformedInputException e) {
            throw new InvalidSourceException(name + " is not valid UTF-8");
        }
    }

    private void read(String line, OptionalLong number, Receiver receiver)
            throws IOException, InterruptedException {
        String label = Item.label(name, number);
        Optional<JsonNode> object = object(line);
        if (object.isEmpty()) {
            receiver.problem(label, "the line is not a JSON object");
            return;
        }
        Columns used;
        try {
            used = used(object.get());
        } catch (InvalidSourceException e) {
            receiver.problem(label, String.valueOf(e.getMessage()));
            return;
        }
        JsonNode content = object.get().path(used.content().orElse(""));
        if (!content.isString()) {
            receiver.problem(label, "the content must be a text, in quotes");
            return;
        }
        Map<String, String> attributes = new HashMap<>();
        object.get()
                .path(ATTRIBUTES)
                .properties()
                .forEach(entry -> attributes.put(entry.getKey(), text(entry.getValue())));
        used.attributes().forEach(field -> attributes.put(field, text(object.get().get(field))));
        receiver.item(
                new Item(
                        name,
                        number,
                        used.id()
                                .map(field -> text(object.get().get(field)))
                                .filter(id -> !id.isBlank()),
                        used.userId()
                                .map(field -> text(object.get().get(field)))
                                .filter(id -> !id.isBlank()),
                        content.asString(),
                        attributes));
    }

    /** The fields in words; empty if the line is not valid, which is reported when it is read. */
    private Optional<String> words(JsonNode object) {
        try {
            return Optional.of(used(object).words(name));
        } catch (InvalidSourceException e) {
            return Optional.empty();
        }
    }

    private Columns used(JsonNode object) {
        return columns.in(name, new ArrayList<>(object.propertyNames()));
    }

    /** Text as it is; other values as JSON. */
    private static String text(@Nullable JsonNode value) {
        return value == null || value.isNull()
                ? ""
                : value.isString() ? value.asString() : value.toString();
    }

    private static Optional<JsonNode> object(String line) {
        try {
            return Optional.of(JsonMapper.shared().readTree(line)).filter(JsonNode::isObject);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
