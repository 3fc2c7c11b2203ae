package dev.sluice.analysis.definition;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads one folder into a definition and collects everything that is wrong with it. */
final class DefinitionReader {
    private static final String DEFINITION = "analysis.yaml";
    private static final String SCHEMA = "output.schema.json";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");
    private static final Set<String> KEYS =
            Set.of(
                    "name",
                    "role",
                    "task",
                    "constraints",
                    "on_insufficient_input",
                    "model",
                    "fallbacks",
                    "temperature",
                    "input",
                    "output",
                    "repair_attempts",
                    "cache");

    private static final YAMLMapper YAML =
            YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Path folder;
    private final String folderName;
    private final List<Problem> problems = new ArrayList<>();

    DefinitionReader(Path folder) {
        this.folder = folder;
        String name = String.valueOf(folder.getFileName());
        this.folderName = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    }

    List<Problem> problems() {
        return problems;
    }

    /** The definition, or nothing where there are {@link #problems()}. */
    Optional<AnalysisDefinition> read() {
        String definitionText = text(DEFINITION);
        String schemaText = text(SCHEMA);
        ObjectNode yaml = object(YAML, DEFINITION, definitionText);
        ObjectNode schema = object(JSON, SCHEMA, schemaText);
        if (!problems.isEmpty()) {
            return Optional.empty();
        }
        for (String key : yaml.propertyNames()) {
            if (!KEYS.contains(key)) {
                problem(key, "unknown key; known are " + String.join(", ", KEYS));
            }
        }
        String name = required(yaml, "name");
        if (!name.isEmpty() && (!NAME.matcher(name).matches() || !name.equals(folderName))) {
            problem(
                    "name",
                    "must be the folder's name, of lower-case letters, digits and '-', was '"
                            + name
                            + "'");
        }
        AnalysisDefinition definition =
                new AnalysisDefinition(
                        name,
                        fingerprint(definitionText, schemaText),
                        instructions(yaml),
                        models(yaml),
                        input(yaml),
                        output(yaml, schema));
        SchemaLint.check(schema, folderName + "/" + SCHEMA, problems);
        return problems.isEmpty() ? Optional.of(definition) : Optional.empty();
    }

    private AnalysisDefinition.Instructions instructions(ObjectNode yaml) {
        List<String> constraints = texts(yaml, "constraints");
        if (constraints.isEmpty()) {
            problem("constraints", "is missing; list at least one");
        }
        return new AnalysisDefinition.Instructions(
                required(yaml, "role"),
                required(yaml, "task"),
                constraints,
                required(yaml, "on_insufficient_input"));
    }

    private AnalysisDefinition.ModelChoice models(ObjectNode yaml) {
        JsonNode temperature = yaml.path("temperature");
        if (!temperature.isMissingNode() && !temperature.isNumber()) {
            problem("temperature", "must be a number");
        }
        return new AnalysisDefinition.ModelChoice(
                required(yaml, "model"),
                texts(yaml, "fallbacks"),
                temperature.isNumber() ? Optional.of(temperature.asDouble()) : Optional.empty());
    }

    private AnalysisDefinition.InputLimits input(ObjectNode yaml) {
        JsonNode input = yaml.path("input");
        String kind = input.path("kind").asString("").toUpperCase(Locale.ROOT);
        InputKind inputKind = InputKind.TEXT;
        try {
            inputKind = InputKind.valueOf(kind);
        } catch (IllegalArgumentException e) {
            problem("input.kind", "must be text or html, was '" + kind + "'");
        }
        return new AnalysisDefinition.InputLimits(
                inputKind,
                (int) positive(input, "input.max_characters", 10_000_000),
                positive(input, "input.max_bytes", 1L << 30));
    }

    private AnalysisDefinition.OutputRules output(ObjectNode yaml, ObjectNode schema) {
        JsonNode repairs = yaml.path("repair_attempts");
        int repairAttempts = repairs.asInt(1);
        if (repairAttempts < 0 || repairAttempts > 5) {
            problem("repair_attempts", "must be from 0 to 5, was " + repairAttempts);
        }
        return new AnalysisDefinition.OutputRules(
                OutputSchema.of(schema),
                (int) positive(yaml.path("output"), "output.max_tokens", 1_000_000),
                repairAttempts,
                duration(yaml.path("cache").asString("PT1H")));
    }

    private Duration duration(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            problem("cache", "must be an ISO duration such as PT1H, was '" + text + "'");
            return Duration.ZERO;
        }
    }

    private long positive(JsonNode parent, String path, long limit) {
        JsonNode value = parent.path(path.substring(path.indexOf('.') + 1));
        if (!value.isIntegralNumber() || value.asLong() < 1 || value.asLong() > limit) {
            problem(path, "must be a whole number from 1 to " + limit);
            return 1;
        }
        return value.asLong();
    }

    private String required(ObjectNode yaml, String key) {
        String value = yaml.path(key).asString("").strip();
        if (value.isEmpty()) {
            problem(key, "is missing");
        }
        return value;
    }

    private List<String> texts(ObjectNode yaml, String key) {
        JsonNode list = yaml.path(key);
        if (!list.isMissingNode() && !list.isArray()) {
            problem(key, "must be a list");
        }
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asString("").strip()));
        return texts;
    }

    private String text(String file) {
        try {
            return Files.readString(folder.resolve(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            problems.add(new Problem(folderName + "/" + file, "", "cannot be read: " + e));
            return "";
        }
    }

    private ObjectNode object(
            tools.jackson.databind.ObjectMapper mapper, String file, String text) {
        if (text.isEmpty()) {
            return mapper.createObjectNode();
        }
        try {
            if (mapper.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            problems.add(new Problem(folderName + "/" + file, "", "must be an object"));
        } catch (JacksonException e) {
            problems.add(new Problem(folderName + "/" + file, "", e.getOriginalMessage()));
        }
        return mapper.createObjectNode();
    }

    private void problem(String key, String message) {
        problems.add(new Problem(folderName + "/" + DEFINITION, key, message));
    }

    private static String fingerprint(String definition, String schema) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(definition.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            sha.update(schema.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha.digest(), 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
