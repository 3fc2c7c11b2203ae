package dev.sluice.analysis.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Properties of a model besides its price, read from {@code models.yaml}.
 *
 * @param encoding the model's tokenizer, if known
 * @param outputLimit name of the parameter that limits the output
 * @param temperature whether the model accepts a temperature
 */
public record ModelTraits(
        Optional<Encoding> encoding,
        OutputLimit outputLimit,
        boolean temperature,
        StructuredOutput structuredOutput) {

    /** Traits of models that are not in the table: those most compatible servers accept. */
    public static final ModelTraits UNKNOWN =
            new ModelTraits(
                    Optional.empty(), OutputLimit.MAX_TOKENS, true, StructuredOutput.JSON_SCHEMA);

    private static final List<Row> TABLE = read();

    /** A published tokenizer. */
    public enum Encoding {
        O200K_BASE,
        CL100K_BASE
    }

    /** The parameter that limits the output; reasoning models accept only the newer one. */
    public enum OutputLimit {
        MAX_TOKENS,
        MAX_COMPLETION_TOKENS
    }

    /** How the request specifies the form of the answer, besides the prompt. */
    public enum StructuredOutput {
        /** The provider enforces the schema. */
        JSON_SCHEMA,
        /** The provider enforces JSON only. */
        JSON_OBJECT,
        /** The answer is the input of a tool that the model must call. */
        TOOL,
        /** Only the prompt describes the form. */
        NONE
    }

    private record Row(Pattern match, ModelTraits traits) {}

    /** The traits of the first row that matches, or {@link #UNKNOWN}. */
    public static ModelTraits of(String modelId) {
        return TABLE.stream()
                .filter(row -> row.match().matcher(modelId).matches())
                .map(Row::traits)
                .findFirst()
                .orElse(UNKNOWN);
    }

    public ModelTraits with(StructuredOutput other) {
        return new ModelTraits(encoding, outputLimit, temperature, other);
    }

    private static List<Row> read() {
        try (InputStream in = ModelTraits.class.getResourceAsStream("/models.yaml")) {
            if (in == null) {
                throw new IllegalStateException("models.yaml is missing from the class path");
            }
            List<Row> rows = new ArrayList<>();
            for (JsonNode row : YAMLMapper.shared().readTree(in).path("models")) {
                String glob = row.path("match").asString();
                rows.add(
                        new Row(
                                Pattern.compile("\\Q" + glob.replace("*", "\\E.*\\Q") + "\\E"),
                                traits(row)));
            }
            return List.copyOf(rows);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read models.yaml", e);
        }
    }

    private static ModelTraits traits(JsonNode row) {
        return new ModelTraits(
                row.has("encoding")
                        ? Optional.of(Encoding.valueOf(constant(row, "encoding")))
                        : Optional.empty(),
                OutputLimit.valueOf(constant(row, "output_limit")),
                row.path("temperature").asBoolean(),
                StructuredOutput.valueOf(constant(row, "structured_output")));
    }

    private static String constant(JsonNode row, String key) {
        return row.path(key).asString("").toUpperCase(Locale.ROOT);
    }
}
