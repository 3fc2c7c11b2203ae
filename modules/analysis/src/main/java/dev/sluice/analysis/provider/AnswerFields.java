package dev.sluice.analysis.provider;

import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/** Reader of answer fields that all providers encode in the same way. */
final class AnswerFields {
    private AnswerFields() {}

    /** A text field; empty if it is absent. */
    static String text(JsonNode object, String field) {
        return object.path(field).asString("");
    }

    /** Whether a field is a text or absent. */
    static boolean isTextOrAbsent(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isString() || value.isNull() || value.isMissingNode();
    }

    /** A number of tokens, if the field is present. */
    static OptionalLong count(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.canConvertToLong() && value.isIntegralNumber()
                ? OptionalLong.of(value.longValue())
                : OptionalLong.empty();
    }

    /** A number of tokens; zero if the field is absent. */
    static long countOrZero(JsonNode object, String field) {
        return count(object, field).orElse(0);
    }
}
