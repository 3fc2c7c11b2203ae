package dev.sluice.contract.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;

/** Removes {@code avro.java.string}, which only Java uses, from a schema. */
final class JavaProperties {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STRING_TYPE = "avro.java.string";

    private JavaProperties() {}

    static Schema without(Schema schema) {
        try {
            JsonNode tree = JSON.readTree(schema.toString());
            return new Schema.Parser().parse(stripped(tree).toString());
        } catch (JsonProcessingException e) {
            throw new SerializationException("cannot parse the schema's own JSON", e);
        }
    }

    private static JsonNode stripped(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(STRING_TYPE);
            object.properties().forEach(field -> field.setValue(stripped(field.getValue())));
            boolean plainType = object.size() == 1 && object.path("type").isTextual();
            return plainType ? object.get("type") : object;
        }
        if (node.isArray()) {
            var array = JSON.createArrayNode();
            node.forEach(item -> array.add(stripped(item)));
            return array;
        }
        return node;
    }
}
