package dev.sluice.analysis.verdict;

import dev.sluice.analysis.failure.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Parser of the one JSON object in an answer: the whole answer, or the only object inside fences or
 * prose. It never guesses: two candidates, or malformed JSON, are violations.
 */
final class OutputParser {
    static final int MAX_CHARACTERS = 1 << 20;
    static final int MAX_DEPTH = 64;
    private static final int MAX_CANDIDATES = 1_000;

    private static final JsonMapper STRICT =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .maxStringLength(MAX_CHARACTERS)
                                                    .maxNumberLength(400)
                                                    .build())
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final String THINKING = "<think>";
    private static final String THINKING_ENDS = "</think>";

    private OutputParser() {}

    /** Result of parsing. */
    sealed interface Parsed {}

    record Read(ObjectNode output) implements Parsed {}

    record Unreadable(Violation violation) implements Parsed {}

    static Parsed parse(String answer) {
        if (answer.length() > MAX_CHARACTERS) {
            return unreadable("the answer has more than " + MAX_CHARACTERS + " characters");
        }
        if (answer.isBlank()) {
            return unreadable("the answer is empty; return a JSON object");
        }
        JsonNode whole;
        try {
            whole = STRICT.readTree(answer);
        } catch (JacksonException e) {
            String rest = afterThinking(answer);
            return rest.length() < answer.length() && !rest.isBlank()
                    ? parse(rest)
                    : embedded(rest, e);
        }
        if (whole instanceof ObjectNode object) {
            return checked(object);
        }
        return unreadable("the answer is JSON but not an object");
    }

    /**
     * The answer after its leading reasoning. Some models' templates open the reasoning in the
     * prompt; the answer then has only its end.
     */
    private static String afterThinking(String answer) {
        if (count(answer, THINKING_ENDS) > count(answer, THINKING)) {
            return answer.substring(answer.lastIndexOf(THINKING_ENDS) + THINKING_ENDS.length());
        }
        int start = skipSpace(answer, 0);
        boolean thinks = answer.startsWith(THINKING, start);
        while (answer.startsWith(THINKING, start)) {
            int end = answer.indexOf(THINKING_ENDS, start);
            if (end < 0) {
                // The reasoning never ended, so there is no answer after it.
                return answer;
            }
            start = skipSpace(answer, end + THINKING_ENDS.length());
        }
        return thinks ? answer.substring(start) : answer;
    }

    private static int skipSpace(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static Parsed embedded(String answer, JacksonException wholeProblem) {
        List<String> candidates = candidates(answer);
        if (candidates.isEmpty()) {
            return unreadable("the answer is not JSON: " + position(wholeProblem));
        }
        List<ObjectNode> objects = new ArrayList<>();
        for (String candidate : candidates) {
            try {
                if (STRICT.readTree(candidate) instanceof ObjectNode object) {
                    objects.add(object);
                }
            } catch (JacksonException e) {
                // A brace in prose, not an object.
            }
        }
        if (objects.size() == 1 && candidates.size() == 1) {
            int start = answer.indexOf(candidates.getFirst());
            return isNested(answer, start, start + candidates.getFirst().length())
                    ? unreadable("the answer is not JSON: " + position(wholeProblem))
                    : checked(objects.getFirst());
        }
        if (objects.isEmpty()) {
            return unreadable("the answer is not JSON: " + position(wholeProblem));
        }
        return unreadable(
                "the answer has "
                        + candidates.size()
                        + " parts in braces; return one JSON object and nothing else");
    }

    /**
     * All outermost parts in balanced braces; braces inside JSON strings do not count. Empty if
     * braces do not match, or if a part is an item of a list: both are malformed JSON.
     */
    private static List<String> candidates(String answer) {
        List<String> found = new ArrayList<>();
        int depth = 0;
        int start = 0;
        boolean inString = false;
        for (int i = 0; i < answer.length() && found.size() < MAX_CANDIDATES; i++) {
            char c = answer.charAt(i);
            if (inString) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    inString = false;
                }
            } else if (c == '"' && depth > 0) {
                inString = true;
            } else if (c == '{') {
                if (depth++ == 0) {
                    start = i;
                }
            } else if (c == '}' && --depth == 0) {
                found.add(answer.substring(start, i + 1));
            }
            if (depth < 0) {
                return List.of();
            }
        }
        return depth == 0 ? found : List.of();
    }

    /** Whether the part is an item of a list, the value of a field, or in the model's reasoning. */
    private static boolean isNested(String answer, int start, int end) {
        int before = skipSpace(answer, start - 1, -1);
        int after = skipSpace(answer, end, 1);
        char previous = before < 0 ? ' ' : answer.charAt(before);
        char next = after >= answer.length() ? ' ' : answer.charAt(after);
        boolean isValue =
                previous == ':'
                        && before > 0
                        && answer.charAt(skipSpace(answer, before - 1, -1)) == '"';
        String outside = answer.substring(0, start);
        return isValue
                || previous == ','
                || next == ','
                || count(outside, "[") > count(outside, "]")
                || count(outside, THINKING) > count(outside, THINKING_ENDS);
    }

    private static int skipSpace(String text, int from, int step) {
        int at = from;
        while (at > 0
                && at < text.length()
                && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == 0xA0)) {
            at += step;
        }
        return at;
    }

    private static int count(String text, String part) {
        int count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    /** The object, unless it has values that JSON allows but UTF-8 or a double cannot represent. */
    private static Parsed checked(ObjectNode object) {
        return unrepresentable(object)
                .<Parsed>map(Unreadable::new)
                .orElseGet(() -> new Read(object));
    }

    private static Optional<Violation> unrepresentable(JsonNode node) {
        if (node.isString() && hasLoneSurrogate(node.asString())) {
            return Optional.of(
                    new Violation(
                            "", "unicode", "has an unpaired surrogate, which is not valid text"));
        }
        // Numbers are published as doubles and are checked as such.
        if (node.isNumber() && !isDouble(node)) {
            return Optional.of(new Violation("", "number", "is too large for a number"));
        }
        if (node instanceof ObjectNode object) {
            for (var field : object.properties()) {
                if (hasLoneSurrogate(field.getKey())) {
                    return Optional.of(
                            new Violation(
                                    "", "unicode", "has a field name that is not valid text"));
                }
                Optional<Violation> problem = unrepresentable(field.getValue());
                if (problem.isPresent()) {
                    String name = field.getKey().replace("~", "~0").replace("/", "~1");
                    return problem.map(within -> within.under(name));
                }
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                Optional<Violation> problem = unrepresentable(node.path(i));
                if (problem.isPresent()) {
                    String index = Integer.toString(i);
                    return problem.map(within -> within.under(index));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isDouble(JsonNode number) {
        return number.isIntegralNumber()
                ? Double.isFinite(number.bigIntegerValue().doubleValue())
                : Double.isFinite(number.asDouble());
    }

    private static boolean hasLoneSurrogate(String text) {
        return text.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF);
    }

    private static String position(JacksonException problem) {
        String message = problem.getOriginalMessage();
        String reason =
                message == null ? "it cannot be read" : message.lines().findFirst().orElse("");
        var location = problem.getLocation();
        return location == null
                ? reason
                : reason
                        + " (line "
                        + location.getLineNr()
                        + ", column "
                        + location.getColumnNr()
                        + ")";
    }

    private static Unreadable unreadable(String message) {
        return new Unreadable(new Violation("", "json", message));
    }
}
