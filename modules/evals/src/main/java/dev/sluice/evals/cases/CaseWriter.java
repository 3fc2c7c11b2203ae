package dev.sluice.evals.cases;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** Writes cases, which people then complete. */
public final class CaseWriter {
    private static final YAMLMapper YAML =
            YAMLMapper.builder()
                    .enable(YAMLWriteFeature.LITERAL_BLOCK_STYLE)
                    .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
                    .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
                    .disable(YAMLWriteFeature.SPLIT_LINES)
                    .build();

    private CaseWriter() {}

    /**
     * Writes a new case. It expects what an output has of one word, number or truth value, if there
     * is one; texts are left to people, because a good answer can be written in many ways.
     *
     * @param output a valid output for this content
     * @throws java.nio.file.FileAlreadyExistsException if there is such a case
     */
    public static void write(
            Path file,
            String description,
            List<String> tags,
            String content,
            Optional<ObjectNode> output)
            throws IOException {
        ObjectNode tree = JsonMapper.shared().createObjectNode();
        tree.put("description", description);
        tags.forEach(tree.putArray("tags")::add);
        tree.put("content", content);
        ObjectNode properties = JsonMapper.shared().createObjectNode();
        output.ifPresent(known ->
                known.properties()
                        .forEach(field -> {
                            if (isPlain(field.getValue())) {
                                properties.putObject(field.getKey()).set("const", field.getValue());
                            }
                        }));
        tree.putObject("expect").putObject("output").set("properties", properties);
        Files.writeString(
                file,
                "# Complete what is expected (docs/EVALS.md).\n" + YAML.writeValueAsString(tree),
                StandardOpenOption.CREATE_NEW);
    }

    private static boolean isPlain(JsonNode value) {
        return value.isBoolean()
                || value.isIntegralNumber()
                || (value.isString() && value.asString().matches("[A-Za-z0-9_-]{1,40}"));
    }
}
