package dev.sluice.app.client;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Formats an Avro record as JSON for people: amounts as numbers, instants in ISO form, bytes in
 * base64.
 */
public final class RecordJson {
    private static final JsonNodeFactory NODES = JsonMapper.shared().getNodeFactory();

    /** Writes amounts without an exponent. */
    private static final JsonMapper PLAIN =
            JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

    private RecordJson() {}

    /** Also writes what is not ASCII as escapes: any terminal and any encoding can take it. */
    private static final JsonMapper ASCII =
            JsonMapper.builder()
                    .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .build();

    /** The value as JSON on one line of ASCII. */
    public static String line(@Nullable Object value) {
        return ASCII.writeValueAsString(value instanceof JsonNode node ? node : of(value));
    }

    /** The value as JSON on several lines. */
    public static String page(@Nullable Object value) {
        return PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(of(value));
    }

    /** The value as JSON; null becomes JSON's null. */
    public static JsonNode of(@Nullable Object value) {
        return switch (value) {
            case null -> NODES.nullNode();
            case IndexedRecord record -> {
                ObjectNode object = NODES.objectNode();
                for (Schema.Field field : record.getSchema().getFields()) {
                    object.set(field.name(), of(record.get(field.pos())));
                }
                yield object;
            }
            case Collection<?> items -> {
                ArrayNode array = NODES.arrayNode();
                items.forEach(item -> array.add(of(item)));
                yield array;
            }
            case Map<?, ?> entries -> {
                ObjectNode object = NODES.objectNode();
                entries.forEach((key, item) -> object.set(String.valueOf(key), of(item)));
                yield object;
            }
            case BigDecimal money -> NODES.numberNode(money);
            case ByteBuffer bytes -> {
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                yield NODES.stringNode(Base64.getEncoder().encodeToString(copy));
            }
            case Long number -> NODES.numberNode(number);
            case Integer number -> NODES.numberNode(number);
            case Double number -> NODES.numberNode(number);
            case Float number -> NODES.numberNode(number);
            case Boolean truth -> NODES.booleanNode(truth);
            default -> NODES.stringNode(value.toString());
        };
    }
}
