package dev.sluice.devkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaParseException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The registry's data: subjects, their versions, and the schemas by id. */
final class SubjectStore {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Set<String> LEVELS =
            Set.of(
                    "NONE",
                    "BACKWARD",
                    "BACKWARD_TRANSITIVE",
                    "FORWARD",
                    "FORWARD_TRANSITIVE",
                    "FULL",
                    "FULL_TRANSITIVE");

    /**
     * Schema ids by text. The text is Avro's own rendering, so white space does not make a new
     * version.
     */
    private final Map<String, Integer> ids = new LinkedHashMap<>();

    private final Map<Integer, String> texts = new HashMap<>();

    /** Schema ids of each subject, the first version first. */
    private final Map<String, List<Integer>> subjects = new LinkedHashMap<>();

    private final Map<String, String> levels = new HashMap<>();
    private String globalLevel = "BACKWARD";

    synchronized Set<String> subjects() {
        return new TreeSet<>(subjects.keySet());
    }

    synchronized RegistryAnswer register(String subject, String text) {
        Schema schema = parse(text);
        String canonical = schema.toString();
        List<Integer> versions = subjects.getOrDefault(subject, List.of());
        Integer known = ids.get(canonical);
        if (known != null && versions.contains(known)) {
            return RegistryAnswer.ok(JSON.createObjectNode().put("id", known));
        }
        List<String> problems = incompatibilities(schema, versions, level(subject));
        if (!problems.isEmpty()) {
            return RegistryAnswer.error(
                    409,
                    40901,
                    "the schema is incompatible with an earlier one of "
                            + subject
                            + ": "
                            + String.join("; ", problems));
        }
        int id = known != null ? known : ids.size() + 1;
        ids.put(canonical, id);
        texts.put(id, canonical);
        subjects.computeIfAbsent(subject, name -> new ArrayList<>()).add(id);
        return RegistryAnswer.ok(JSON.createObjectNode().put("id", id));
    }

    synchronized RegistryAnswer lookUp(String subject, String text) {
        List<Integer> versions = versionsOf(subject);
        Integer id = ids.get(parse(text).toString());
        if (id == null || !versions.contains(id)) {
            return RegistryAnswer.error(404, 40403, "schema not found");
        }
        return RegistryAnswer.ok(described(subject, versions.indexOf(id) + 1, id));
    }

    synchronized RegistryAnswer versions(String subject) {
        ArrayNode numbers = JSON.createArrayNode();
        for (int version = 1; version <= versionsOf(subject).size(); version++) {
            numbers.add(version);
        }
        return RegistryAnswer.ok(numbers);
    }

    synchronized RegistryAnswer version(String subject, String version) {
        int number = number(subject, version);
        return RegistryAnswer.ok(described(subject, number, versionsOf(subject).get(number - 1)));
    }

    synchronized RegistryAnswer delete(String subject) {
        RegistryAnswer versions = versions(subject);
        subjects.remove(subject);
        return versions;
    }

    synchronized RegistryAnswer byId(String id) {
        String text = id.matches("\\d{1,9}") ? texts.get(Integer.parseInt(id)) : null;
        return text == null
                ? RegistryAnswer.error(404, 40403, "schema " + id + " not found")
                : RegistryAnswer.ok(JSON.createObjectNode().put("schema", text));
    }

    synchronized RegistryAnswer isCompatible(String subject, String version, String text) {
        int id = versionsOf(subject).get(number(subject, version) - 1);
        List<String> problems = incompatibilities(parse(text), List.of(id), level(subject));
        ObjectNode answer = JSON.createObjectNode().put("is_compatible", problems.isEmpty());
        answer.set("messages", JSON.valueToTree(problems));
        return RegistryAnswer.ok(answer);
    }

    synchronized RegistryAnswer compatibility(Optional<String> subject) {
        if (subject.isEmpty()) {
            return RegistryAnswer.ok(
                    JSON.createObjectNode().put("compatibilityLevel", globalLevel));
        }
        String level = levels.get(subject.get());
        return level == null
                ? RegistryAnswer.error(404, 40408, "no level for subject " + subject.get())
                : RegistryAnswer.ok(JSON.createObjectNode().put("compatibilityLevel", level));
    }

    synchronized RegistryAnswer setCompatibility(Optional<String> subject, String level) {
        if (!LEVELS.contains(level)) {
            return RegistryAnswer.error(422, 42203, "no such compatibility level: " + level);
        }
        if (subject.isPresent()) {
            levels.put(subject.get(), level);
        } else {
            globalLevel = level;
        }
        return RegistryAnswer.ok(JSON.createObjectNode().put("compatibility", level));
    }

    private ObjectNode described(String subject, int version, int id) {
        return JSON.createObjectNode()
                .put("subject", subject)
                .put("version", version)
                .put("id", id)
                .put("schema", texts.get(id));
    }

    private List<Integer> versionsOf(String subject) {
        List<Integer> versions = subjects.get(subject);
        if (versions == null) {
            throw new RegistryAnswer.Refused(
                    RegistryAnswer.error(404, 40401, "subject " + subject + " not found"));
        }
        return versions;
    }

    private int number(String subject, String version) {
        int newest = versionsOf(subject).size();
        if (version.equals("latest")) {
            return newest;
        }
        int number = version.matches("\\d{1,9}") ? Integer.parseInt(version) : 0;
        if (number < 1 || number > newest) {
            throw new RegistryAnswer.Refused(
                    RegistryAnswer.error(404, 40402, "version " + version + " not found"));
        }
        return number;
    }

    private String level(String subject) {
        return levels.getOrDefault(subject, globalLevel);
    }

    private List<String> incompatibilities(Schema schema, List<Integer> versions, String level) {
        boolean transitive = level.endsWith("_TRANSITIVE");
        List<Integer> compared =
                transitive || versions.isEmpty()
                        ? versions
                        : List.of(versions.get(versions.size() - 1));
        List<String> problems = new ArrayList<>();
        for (int id : compared) {
            Schema earlier = parse(texts.getOrDefault(id, ""));
            if (level.startsWith("BACKWARD") || level.startsWith("FULL")) {
                problems.addAll(unreadable(schema, earlier));
            }
            if (level.startsWith("FORWARD") || level.startsWith("FULL")) {
                problems.addAll(unreadable(earlier, schema));
            }
        }
        return problems;
    }

    private static List<String> unreadable(Schema reader, Schema writer) {
        var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
        if (result.getCompatibility() == SchemaCompatibilityType.COMPATIBLE) {
            return List.of();
        }
        return result.getIncompatibilities().stream()
                .map(problem -> problem.getType() + " at " + problem.getLocation())
                .toList();
    }

    private static Schema parse(String text) {
        try {
            return new Schema.Parser().parse(text);
        } catch (SchemaParseException e) {
            throw new RegistryAnswer.Refused(
                    RegistryAnswer.error(422, 42201, "not a valid Avro schema: " + e.getMessage()));
        }
    }
}
