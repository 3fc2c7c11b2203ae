package dev.sluice.analysis.provider;

import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/** Reads from an answer what every provider puts in the same way. */
final class AnswerFields {
    private AnswerFields() {}

    /** A text; empty if there is none. */
    static String text(JsonNode object, String field) {
        return object.path(field).asString("");
    }

    /** Whether a field holds a text, or nothing. */
    static boolean isTextOrAbsent(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isString() || value.isNull() || value.isMissingNode();
    }

    /** A number of tokens, if there is one. */
    static OptionalLong count(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.canConvertToLong() && value.isIntegralNumber()
                ? OptionalLong.of(value.longValue())
                : OptionalLong.empty();
    }

    /** A number of tokens that is zero unless said otherwise. */
    static long countOrZero(JsonNode object, String field) {
        return count(object, field).orElse(0);
    }
}
