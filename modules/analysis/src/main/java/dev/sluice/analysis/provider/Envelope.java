package dev.sluice.analysis.provider;

import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lenient reader of the JSON around an answer: some servers write NaN, or raw control characters
 * within strings. The model's own output is parsed strictly elsewhere.
 */
final class Envelope {
    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(
                            JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS,
                            JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                    .build();

    private Envelope() {}

    /**
     * Reads a body.
     *
     * @throws tools.jackson.core.JacksonException if it is not JSON
     */
    static JsonNode read(byte[] body) {
        return MAPPER.readTree(body);
    }
}
