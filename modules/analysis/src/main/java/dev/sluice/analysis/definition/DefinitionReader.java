package dev.sluice.analysis.definition;

import dev.sluice.analysis.check.Check;
import dev.sluice.analysis.check.CheckCompiler;
import dev.sluice.analysis.definition.AnalysisDefinition.Instructions;
import dev.sluice.analysis.definition.AnalysisDefinition.ModelChoice;
import dev.sluice.analysis.definition.AnalysisDefinition.OutputRules;
import dev.sluice.analysis.input.InputKind;
import dev.sluice.analysis.input.InputLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reader of one definition from its folder; collects all problems. */
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
                    "checks",
                    "repair_attempts",
                    "cache");

    private static final YAMLMapper YAML =
            YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Path folder;
    private final String expectedName;
    private final List<Problem> problems = new ArrayList<>();

    DefinitionReader(Path folder) {
        this(folder, nameOf(folder));
    }

    /**
     * @param expectedName name that the definition must have
     */
    DefinitionReader(Path folder, String expectedName) {
        this.folder = folder;
        this.expectedName = expectedName;
    }

    /** Whether a folder is that of an analysis. */
    static boolean isDefinition(Path folder) {
        return Files.isRegularFile(folder.resolve(DEFINITION));
    }

    /** The name of the analysis in a folder. */
    static String nameOf(Path folder) {
        String name = String.valueOf(folder.getFileName());
        return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    }

    List<Problem> problems() {
        return problems;
    }

    /** The definition; empty if there are {@link #problems()}. */
    Optional<AnalysisDefinition> read() {
        String definitionText = text(DEFINITION);
        String schemaText = text(SCHEMA);
        Optional<ObjectNode> definition = object(YAML, DEFINITION, definitionText);
        Optional<ObjectNode> schemaTree = object(JSON, SCHEMA, schemaText);
        Optional<OutputSchema> schema = schemaTree.flatMap(this::schema);
        if (definition.isEmpty()) {
            return Optional.empty();
        }
        YamlSection yaml =
                new YamlSection(
                        definition.get(), (key, message) -> problem(DEFINITION, key, message));
        yaml.rejectOtherKeysThan(KEYS);
        String name = name(yaml);
        Instructions instructions = instructions(yaml);
        ModelChoice models = models(yaml);
        InputLimits input = input(yaml.section("input"));
        Optional<OutputRules> output = schema.map(usable -> output(yaml, usable));
        return problems.isEmpty()
                ? output.map(rules ->
                        new AnalysisDefinition(
                                name,
                                fingerprint(definitionText, schemaText),
                                instructions,
                                models,
                                input,
                                rules))
                : Optional.empty();
    }

    private String name(YamlSection yaml) {
        String name = yaml.text("name");
        if (!name.isEmpty() && (!NAME.matcher(name).matches() || !name.equals(expectedName))) {
            yaml.problem(
                    "name",
                    (expectedName.equals(nameOf(folder))
                                    ? "must be the folder's name, of lower-case letters, digits and"
                                            + " '-', was '"
                                    : "must be " + expectedName + ", was '")
                            + name
                            + "'");
        }
        return name;
    }

    private static Instructions instructions(YamlSection yaml) {
        List<String> constraints = yaml.texts("constraints");
        if (constraints.isEmpty()) {
            yaml.problem("constraints", "is missing; list at least one");
        }
        return new Instructions(
                yaml.text("role"),
                yaml.text("task"),
                constraints,
                yaml.text("on_insufficient_input"));
    }

    private static ModelChoice models(YamlSection yaml) {
        String model = yaml.text("model");
        List<String> fallbacks = yaml.texts("fallbacks");
        Set<String> distinct = new LinkedHashSet<>(fallbacks);
        if (distinct.size() < fallbacks.size() || distinct.contains(model)) {
            yaml.problem("fallbacks", "names a model twice");
        }
        return new ModelChoice(model, fallbacks, yaml.decimalIfAny("temperature", 0, 2));
    }

    private static InputLimits input(YamlSection input) {
        input.rejectOtherKeysThan(Set.of("kind", "max_characters", "max_tokens", "max_bytes"));
        String kind = input.text("kind", "").toUpperCase(Locale.ROOT);
        InputKind inputKind = InputKind.TEXT;
        try {
            inputKind = InputKind.valueOf(kind);
        } catch (IllegalArgumentException e) {
            input.problem("kind", "must be text or html, was '" + kind + "'");
        }
        return new InputLimits(
                inputKind,
                (int) input.number("max_characters", 1, 10_000_000),
                input.numberIfAny("max_tokens", 1, 10_000_000),
                input.number("max_bytes", 1, 1L << 30));
    }

    private static OutputRules output(YamlSection yaml, OutputSchema schema) {
        YamlSection output = yaml.section("output");
        output.rejectOtherKeysThan(Set.of("max_tokens"));
        return new OutputRules(
                schema,
                checks(yaml, schema),
                (int) output.number("max_tokens", 1, 1_000_000),
                yaml.numberIfAny("repair_attempts", 0, 5).orElse(1),
                yaml.duration("cache", Duration.ofHours(1)));
    }

    private static List<Check> checks(YamlSection yaml, OutputSchema schema) {
        List<YamlSection> sections = yaml.sections("checks");
        List<Check> checks = new ArrayList<>();
        if (sections.isEmpty()) {
            return checks;
        }
        CheckCompiler compiler = new CheckCompiler(schema.tree());
        for (YamlSection section : sections) {
            section.rejectOtherKeysThan(Set.of("expression", "message", "path"));
            String expression = section.text("expression");
            String message = section.text("message");
            String path = section.text("path", "");
            if (!path.isEmpty() && !path.startsWith("/")) {
                section.problem(
                        "path", "must be a JSON Pointer such as /title, was '" + path + "'");
            }
            try {
                checks.add(compiler.compile(expression, message, path));
            } catch (IllegalArgumentException e) {
                section.problem("expression", String.valueOf(e.getMessage()));
            }
        }
        return checks;
    }

    private Optional<OutputSchema> schema(ObjectNode tree) {
        int before = problems.size();
        SchemaLint.check(tree, (pointer, message) -> problem(SCHEMA, pointer, message));
        return problems.size() == before ? Optional.of(OutputSchema.of(tree)) : Optional.empty();
    }

    private String text(String file) {
        try {
            String text = Files.readString(folder.resolve(file), StandardCharsets.UTF_8);
            // Some editors write a byte order mark first.
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (IOException e) {
            problem(file, "", "cannot be read: " + e);
            return "{}";
        }
    }

    private Optional<ObjectNode> object(ObjectMapper mapper, String file, String text) {
        if (text.isBlank()) {
            problem(file, "", "is empty");
            return Optional.empty();
        }
        try {
            if (mapper.readTree(text) instanceof ObjectNode object) {
                return Optional.of(object);
            }
            problem(file, "", "must be an object");
        } catch (JacksonException e) {
            String line =
                    e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
            problem(file, "", line + e.getOriginalMessage());
        }
        return Optional.empty();
    }

    private void problem(String file, String key, String message) {
        problems.add(new Problem(nameOf(folder) + "/" + file, key, message));
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
