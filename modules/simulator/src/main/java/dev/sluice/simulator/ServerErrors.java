package dev.sluice.simulator;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The error answers of one server.
 *
 * @param words the texts; {@code %s} stands for the model, the time to wait, or the mistake in the
 *     request, {@code %2$s} for the time in whole seconds
 * @param advice adds the time to wait to a 429
 */
record ServerErrors(
        ErrorShape shape,
        Map<Trouble, Words> words,
        BiFunction<ChatAnswer, Duration, ChatAnswer> advice) {
    /** OpenAI's and Groq's message for a token limit. */
    static final String TOKENS_PER_MINUTE =
            "Rate limit reached for the model on tokens per minute (TPM): Limit 30000, Used 29800,"
                    + " Requested 1200. Please try again in %s.";

    /** LiteLLM's message for an unknown model. */
    static final String LITELLM_MODEL =
            "/chat/completions: Invalid model name passed in model=%s. Call `/v1/models` to view"
                    + " available models for your key.";

    /** The error for one trouble. */
    record Words(int status, String type, String code, String message) {}

    /** The simulator's own errors. */
    static ServerErrors plain() {
        return new ServerErrors(ErrorShape.OPENAI, Map.of(), ServerErrors::exactSeconds)
                .saying(Trouble.BAD_KEY, 401, "simulated_error", "invalid_api_key", "%s")
                .saying(Trouble.BAD_REQUEST, 400, "simulated_error", "invalid_request_error", "%s")
                .saying(
                        Trouble.UNKNOWN_MODEL,
                        404,
                        "simulated_error",
                        "model_not_found",
                        "the model '%s' does not exist")
                .saying(
                        Trouble.THROTTLED,
                        429,
                        "simulated_error",
                        "rate_limit_exceeded",
                        "too many requests")
                .saying(
                        Trouble.FAILED,
                        500,
                        "simulated_error",
                        "server_error",
                        "the server had an error");
    }

    ServerErrors shaped(ErrorShape newShape) {
        return new ServerErrors(newShape, words, advice);
    }

    ServerErrors saying(Trouble trouble, int status, String type, String code, String message) {
        Map<Trouble, Words> more = new EnumMap<>(Trouble.class);
        more.putAll(words);
        more.put(trouble, new Words(status, type, code, message));
        return new ServerErrors(shape, more, advice);
    }

    ServerErrors advising(BiFunction<ChatAnswer, Duration, ChatAnswer> newAdvice) {
        return new ServerErrors(shape, words, newAdvice);
    }

    ChatAnswer answer(Trouble trouble, String detail) {
        return answer(of(trouble), of(trouble).message().formatted(detail));
    }

    /** A 429 answer with the time to wait. */
    ChatAnswer throttled(Duration later) {
        Words said = of(Trouble.THROTTLED);
        String message = said.message().formatted(GoDuration.of(later), seconds(later));
        return advice.apply(answer(said, message), later);
    }

    private ChatAnswer answer(Words said, String message) {
        return shape.answer(said.status(), said.type(), said.code(), message);
    }

    /** An error in the form of the other interface. */
    ChatAnswer answer(Dialect dialect, Trouble trouble, String detail) {
        Words said = of(trouble);
        return dialect.error(said.status(), said.code(), said.message().formatted(detail));
    }

    private Words of(Trouble trouble) {
        Words said = words.get(trouble);
        if (said == null) {
            throw new IllegalStateException("no error text for " + trouble);
        }
        return said;
    }

    /** Retry-After in seconds with decimals. */
    static ChatAnswer exactSeconds(ChatAnswer answer, Duration later) {
        return answer.with(
                Map.of("retry-after", BigDecimal.valueOf(later.toMillis() + 1, 3).toPlainString()));
    }

    /** Retry-After in whole seconds. */
    static ChatAnswer wholeSeconds(ChatAnswer answer, Duration later) {
        return answer.with(Map.of("retry-after", seconds(later)));
    }

    /** Retry-After in whole seconds, and the same to the millisecond. */
    static ChatAnswer secondsAndMilliseconds(ChatAnswer answer, Duration later) {
        return wholeSeconds(answer, later)
                .with(Map.of("retry-after-ms", Long.toString(later.toMillis() + 1)));
    }

    /** No advice. */
    static ChatAnswer silent(ChatAnswer answer, Duration later) {
        return answer;
    }

    /** Seconds, rounded up. */
    static String seconds(Duration later) {
        return BigDecimal.valueOf(later.toMillis() + 1, 3)
                .setScale(0, RoundingMode.CEILING)
                .toPlainString();
    }

    /** Google's 429, which has the time to wait only in its details. */
    static ChatAnswer google(Duration later) {
        JsonNode body =
                googleError(
                        429,
                        "RESOURCE_EXHAUSTED",
                        "You exceeded your current rate limit. Please retry in "
                                + GoDuration.of(later)
                                + ".");
        details(body)
                .addObject()
                .put("@type", "type.googleapis.com/google.rpc.RetryInfo")
                .put(
                        "retryDelay",
                        BigDecimal.valueOf(later.toMillis(), 3).stripTrailingZeros().toPlainString()
                                + "s");
        return new ChatAnswer(429, body);
    }

    /** Google's 400 for a key that it rejects. */
    static ChatAnswer googleKey(String message) {
        JsonNode body = googleError(400, "INVALID_ARGUMENT", message);
        details(body)
                .addObject()
                .put("@type", "type.googleapis.com/google.rpc.ErrorInfo")
                .put("reason", "API_KEY_INVALID")
                .put("domain", "googleapis.com");
        return new ChatAnswer(400, body);
    }

    private static JsonNode googleError(int status, String code, String message) {
        return ErrorShape.GEMINI.body(new ErrorShape.Said(status, "", code, message));
    }

    private static ArrayNode details(JsonNode body) {
        if (body.path(0).path("error") instanceof ObjectNode error) {
            return error.putArray("details");
        }
        return JsonMapper.shared().createArrayNode();
    }
}
