package dev.sluice.evals.cases;

import dev.sluice.analysis.check.Check;
import dev.sluice.analysis.check.CheckCompiler;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.OutputSchema;
import dev.sluice.analysis.definition.Problem;
import dev.sluice.analysis.definition.YamlSection;
import dev.sluice.analysis.input.InputKind;
import dev.sluice.analysis.input.PageFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads cases, and collects all their problems. */
final class CaseReader {
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Set<String> KEYS =
            Set.of("description", "tags", "content", "file", "expect");

    /** Keywords whose fields are schemas. */
    private static final Set<String> OF_SCHEMAS =
            Set.of("properties", "patternProperties", "dependentSchemas", "$defs");

    /** Keywords that are a schema, or a list of schemas. */
    private static final Set<String> SCHEMAS =
            Set.of(
                    "items",
                    "prefixItems",
                    "contains",
                    "not",
                    "allOf",
                    "anyOf",
                    "oneOf",
                    "if",
                    "then",
                    "else",
                    "additionalProperties",
                    "propertyNames",
                    "unevaluatedItems",
                    "unevaluatedProperties");

    private static final Set<String> KEYWORDS =
            Stream.of(
                            OF_SCHEMAS,
                            SCHEMAS,
                            Set.of(
                                    "$schema",
                                    "$comment",
                                    "$ref",
                                    "title",
                                    "description",
                                    "type",
                                    "enum",
                                    "const",
                                    "multipleOf",
                                    "maximum",
                                    "exclusiveMaximum",
                                    "minimum",
                                    "exclusiveMinimum",
                                    "maxLength",
                                    "minLength",
                                    "pattern",
                                    "format",
                                    "maxItems",
                                    "minItems",
                                    "uniqueItems",
                                    "maxContains",
                                    "minContains",
                                    "maxProperties",
                                    "minProperties",
                                    "required",
                                    "dependentRequired"))
                    .flatMap(Set::stream)
                    .collect(Collectors.toUnmodifiableSet());

    /** Hash characters, of which each stands for four bits. */
    private static final int HASH_LENGTH = 12;

    private static final YAMLMapper YAML =
            YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final AnalysisDefinition definition;
    private final CheckCompiler checks;
    private final List<Problem> problems;

    /**
     * @param problems receives the problems
     */
    CaseReader(AnalysisDefinition definition, List<Problem> problems) {
        this.definition = definition;
        this.checks = new CheckCompiler(definition.output().schema().tree());
        this.problems = problems;
    }

    /** The case of a file; empty if it has problems. */
    Optional<EvalCase> read(Path file, String id) {
        int before = problems.size();
        if (!ID.matcher(id).matches()) {
            problem(file, "", "must be named with lower-case letters, digits and '-'");
        }
        Optional<ObjectNode> tree = tree(file);
        if (tree.isEmpty()) {
            return Optional.empty();
        }
        YamlSection yaml =
                new YamlSection(tree.get(), (key, message) -> problem(file, key, message));
        yaml.rejectOtherKeysThan(KEYS);
        String description = yaml.text("description");
        List<String> tags = yaml.texts("tags");
        String content = content(file, yaml).orElse("");
        Expectation expectation = expectation(yaml.section("expect"));
        return problems.size() > before
                ? Optional.empty()
                : Optional.of(
                        new EvalCase(
                                id,
                                description,
                                Set.copyOf(tags),
                                content,
                                expectation,
                                hash(content, tree.get().path("expect"))));
    }

    private Optional<ObjectNode> tree(Path file) {
        try {
            JsonNode tree = YAML.readTree(Files.readString(file, StandardCharsets.UTF_8));
            if (tree instanceof ObjectNode object) {
                return Optional.of(object);
            }
            problem(file, "", "must have the keys " + String.join(", ", KEYS));
        } catch (IOException e) {
            problem(file, "", "cannot be read: " + e);
        } catch (JacksonException e) {
            problem(file, "", e.getOriginalMessage());
        }
        return Optional.empty();
    }

    private Optional<String> content(Path file, YamlSection yaml) {
        Optional<String> content = yaml.wholeTextIfAny("content");
        Optional<String> named = yaml.wholeTextIfAny("file");
        if (content.isPresent() == named.isPresent()) {
            yaml.problem("content", "write either content, or the file that has it");
            return content;
        }
        return content.or(() -> content(file.resolveSibling(named.orElseThrow()), file));
    }

    private Optional<String> content(Path named, Path file) {
        try {
            return Optional.of(
                    PageFile.decoded(
                            Files.readAllBytes(named),
                            definition.input().kind() == InputKind.HTML));
        } catch (NoSuchFileException e) {
            problem(file, "file", "there is no file " + named.normalize());
            return Optional.empty();
        } catch (IOException e) {
            problem(file, "file", "cannot be read: " + e);
            return Optional.empty();
        }
    }

    private Expectation expectation(YamlSection expect) {
        expect.rejectOtherKeysThan(Set.of("output", "checks"));
        Optional<ObjectNode> schema = expect.objectIfAny("output");
        List<Check> compiled = new ArrayList<>();
        for (YamlSection section : expect.sections("checks")) {
            section.rejectOtherKeysThan(Set.of("expression", "message", "path"));
            String path = section.text("path", "");
            if (!path.isEmpty() && !path.startsWith("/")) {
                section.problem(
                        "path", "must be a JSON Pointer such as /title, was '" + path + "'");
            }
            try {
                compiled.add(
                        checks.compile(section.text("expression"), section.text("message"), path));
            } catch (IllegalArgumentException e) {
                section.problem("expression", String.valueOf(e.getMessage()));
            }
        }
        if (schema.isEmpty() && compiled.isEmpty()) {
            expect.problem("output", "expects nothing; write a schema, or checks");
        }
        schema.ifPresent(tree -> {
            requireKnown(expect, "output", tree);
            requireKeywords(expect, "output", tree);
        });
        return new Expectation(schema.map(tree -> OutputSchema.of(tree).validator()), compiled);
    }

    /** A misspelt field would be expected of nothing. */
    private void requireKnown(YamlSection expect, String key, ObjectNode schema) {
        Set<String> known =
                Set.copyOf(definition.output().schema().tree().path("properties").propertyNames());
        for (String field : schema.path("properties").propertyNames()) {
            if (!known.contains(field)) {
                expect.problem(key + ".properties." + field, "is no field of the output");
            }
        }
    }

    /** A misspelt keyword would expect nothing either. */
    private static void requireKeywords(YamlSection expect, String key, JsonNode schema) {
        for (var entry : schema.properties()) {
            String place = key + "." + entry.getKey();
            if (!KEYWORDS.contains(entry.getKey())) {
                expect.problem(place, "is no keyword of JSON Schema");
            } else if (OF_SCHEMAS.contains(entry.getKey())) {
                for (var named : entry.getValue().properties()) {
                    requireKeywords(expect, place + "." + named.getKey(), named.getValue());
                }
            } else if (SCHEMAS.contains(entry.getKey())) {
                if (entry.getValue().isArray()) {
                    entry.getValue().forEach(one -> requireKeywords(expect, place, one));
                } else {
                    requireKeywords(expect, place, entry.getValue());
                }
            }
        }
    }

    private void problem(Path file, String key, String message) {
        problems.add(new Problem(definition.name() + "/evals/" + file.getFileName(), key, message));
    }

    static String hash(String content, JsonNode expect) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(content.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            sha.update(expect.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha.digest()).substring(0, HASH_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
