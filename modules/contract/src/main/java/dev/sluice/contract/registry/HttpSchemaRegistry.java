package dev.sluice.contract.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;

/** A client of a schema registry over HTTP, with a cache. Safe for use by many threads. */
public final class HttpSchemaRegistry implements SchemaRegistry {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Most entries per cache. Ids are immutable, so entries never expire; the bound limits memory.
     */
    private static final int CACHE_LIMIT = 1_000;

    private final RegistryHttp http;
    private final Map<SubjectSchema, Integer> registeredIds = new ConcurrentHashMap<>();
    private final Map<SubjectSchema, Integer> lookedUpIds = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    private record SubjectSchema(String subject, Schema schema, boolean normalize) {}

    public HttpSchemaRegistry(RegistryConfig config) {
        this(config, System::nanoTime);
    }

    /**
     * @param nanos a clock as {@link System#nanoTime}
     */
    HttpSchemaRegistry(RegistryConfig config, LongSupplier nanos) {
        this.http = new RegistryHttp(config, nanos);
    }

    @Override
    public int register(String subject, Schema schema, boolean normalize) {
        return cached(
                registeredIds,
                new SubjectSchema(subject, schema, normalize),
                key ->
                        id(
                                http.call(
                                        "POST",
                                        "/subjects/"
                                                + segment(subject)
                                                + "/versions?normalize="
                                                + normalize,
                                        body(schema))));
    }

    @Override
    public int lookUp(String subject, Schema schema, boolean normalize) {
        return cached(
                lookedUpIds,
                new SubjectSchema(subject, schema, normalize),
                key -> {
                    JsonNode found =
                            http.call(
                                    "POST",
                                    "/subjects/"
                                            + segment(subject)
                                            + "?normalize="
                                            + normalize
                                            + "&deleted=false",
                                    body(schema));
                    rejectRules(found, "subject " + subject);
                    return id(found);
                });
    }

    @Override
    public Registered latest(String subject) {
        JsonNode latest =
                http.call("GET", "/subjects/" + segment(subject) + "/versions/latest", null);
        return new Registered(id(latest), schema(latest, "the latest version of " + subject));
    }

    @Override
    public Schema byId(int id, String subject) {
        return cached(
                schemas,
                id,
                key -> {
                    JsonNode found =
                            http.call(
                                    "GET",
                                    "/schemas/ids/"
                                            + id
                                            + "?fetchMaxId=false&subject="
                                            + segment(subject),
                                    null);
                    return schema(found, "schema id " + id);
                });
    }

    @Override
    public Optional<String> compatibility(String subject) {
        try {
            String level =
                    http.call("GET", "/config/" + segment(subject), null)
                            .path("compatibilityLevel")
                            .asText("");
            return Optional.of(level).filter(text -> !text.isEmpty());
        } catch (SchemaNotFoundException e) {
            return Optional.empty();
        }
    }

    @Override
    public void setCompatibility(String subject, String level) {
        JsonNode unused =
                http.call(
                        "PUT",
                        "/config/" + segment(subject),
                        JSON.createObjectNode().put("compatibility", level).toString());
    }

    @Override
    public void close() {
        http.close();
        schemas.clear();
        registeredIds.clear();
        lookedUpIds.clear();
    }

    private static <K, V> V cached(Map<K, V> cache, K key, Function<K, V> fetch) {
        V known = cache.get(key);
        if (known != null) {
            return known;
        }
        V fetched = fetch.apply(key);
        if (cache.size() >= CACHE_LIMIT) {
            cache.clear();
        }
        cache.put(key, fetched);
        return fetched;
    }

    private Schema schema(JsonNode answer, String what) {
        String type = answer.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new SerializationException(what + " is a " + type + " schema, not Avro");
        }
        rejectRules(answer, what);
        Map<String, Schema> types = new LinkedHashMap<>();
        addReferences(answer, types);
        return parse(answer, types, what);
    }

    private void addReferences(JsonNode answer, Map<String, Schema> types) {
        for (JsonNode reference : answer.path("references")) {
            String subject = reference.path("subject").asText();
            int version = reference.path("version").asInt();
            JsonNode referenced =
                    http.call(
                            "GET", "/subjects/" + segment(subject) + "/versions/" + version, null);
            addReferences(referenced, types);
            Schema schema = parse(referenced, types, subject + " version " + version);
            types.put(schema.getFullName(), schema);
        }
    }

    private static Schema parse(JsonNode answer, Map<String, Schema> types, String what) {
        String text = answer.path("schema").asText("");
        if (text.isEmpty()) {
            throw new RegistryUnavailableException(
                    "the registry's answer for " + what + " has no schema", null);
        }
        try {
            // Registries keep old schemas with defaults that newer versions of Avro reject.
            Schema.Parser parser = new Schema.Parser().setValidateDefaults(false);
            parser.addTypes(types.values());
            return parser.parse(text);
        } catch (AvroRuntimeException e) {
            throw new SerializationException(
                    "the registry's text for " + what + " is not a valid Avro schema", e);
        }
    }

    /**
     * Rejects schemas with rules. Rules encrypt or transform fields; reading without running them
     * would give wrong data.
     */
    private static void rejectRules(JsonNode answer, String what) {
        JsonNode rules = answer.path("ruleSet");
        for (JsonNode ruleList : rules) {
            if (!ruleList.isEmpty()) {
                throw new SerializationException(
                        what
                                + " has a rule set, which this serde cannot run; use Confluent's"
                                + " own serializer for this topic");
            }
        }
    }

    private static String body(Schema schema) {
        ObjectNode body = JSON.createObjectNode();
        body.put("schemaType", "AVRO");
        body.put("schema", schema.toString());
        return body.toString();
    }

    private static int id(JsonNode answer) {
        JsonNode id = answer.path("id");
        if (!id.isInt()) {
            throw new RegistryUnavailableException("the registry's answer has no schema id", null);
        }
        return id.asInt();
    }

    private static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
