package dev.sluice.analysis.provider;

import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.transport.HttpReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Error reported by a provider. OpenAI and compatible servers send a code (a text, a number, or
 * null) and a type, Anthropic a type, Gemini a status and reasons, others a text.
 *
 * @param status the HTTP status, or the status in the error itself
 * @param names codes, types and reasons, the most specific first
 * @param message the provider's message; it may quote content and is never repeated
 * @param failedGeneration the model's output, if that is the error
 * @param retryAfter wait requested in the body, if any
 */
record ProviderError(
        int status,
        List<String> names,
        String message,
        Optional<String> failedGeneration,
        Optional<Duration> retryAfter) {

    /**
     * Statuses of error types that come in an answer with status 200 and without a status of their
     * own.
     */
    private static final Map<String, Integer> STATUSES =
            Map.ofEntries(
                    Map.entry("invalid_request_error", 400),
                    Map.entry("authentication_error", 401),
                    Map.entry("invalid_api_key", 401),
                    Map.entry("billing_error", 402),
                    Map.entry("insufficient_quota", 429),
                    Map.entry("permission_error", 403),
                    Map.entry("not_found_error", 404),
                    Map.entry("model_not_found", 404),
                    Map.entry("request_too_large", 413),
                    Map.entry("rate_limit_error", 429),
                    Map.entry("rate_limit_exceeded", 429),
                    Map.entry("api_error", 500),
                    Map.entry("server_error", 500),
                    Map.entry("internal_server_error", 500),
                    Map.entry("timeout_error", 504),
                    Map.entry("overloaded_error", 529));

    ProviderError {
        names = List.copyOf(names);
    }

    /** Reads the body of an error; accepts any body. */
    static ProviderError of(HttpReply reply) {
        JsonNode read;
        try {
            read = Envelope.read(reply.body());
        } catch (JacksonException e) {
            // The body is not JSON, for example a web page. The status is enough.
            read = MissingNode.getInstance();
        }
        JsonNode body = read.isArray() ? read.path(0) : read;
        return of(reply.status(), body.path("error").isMissingNode() ? body : body.path("error"));
    }

    /** The error in an answer of status 200, if it is one. */
    static Optional<ProviderError> in(JsonNode answer) {
        JsonNode ofChoice = answer.path("choices").path(0).path("error");
        if (ofChoice.isObject()) {
            return Optional.of(reported(ofChoice));
        }
        JsonNode error = answer.path("error");
        boolean isError = error.isObject() || (error.isString() && !error.asString().isEmpty());
        return isError && answer.path("choices").isEmpty()
                ? Optional.of(reported(error))
                : Optional.empty();
    }

    private static ProviderError reported(JsonNode error) {
        ProviderError read = of(200, error);
        OptionalInt status = status(error.path("code"));
        return read.with(
                status.isPresent()
                        ? status.getAsInt()
                        : read.names.stream()
                                .map(name -> STATUSES.get(name.toLowerCase(Locale.ROOT)))
                                .filter(known -> known != null)
                                .findFirst()
                                .orElse(200));
    }

    private ProviderError with(int reported) {
        return new ProviderError(reported, names, message, failedGeneration, retryAfter);
    }

    private static OptionalInt status(JsonNode code) {
        String text = code.isNumber() || code.isString() ? code.asString() : "";
        return text.matches("[45]\\d\\d")
                ? OptionalInt.of(Integer.parseInt(text))
                : OptionalInt.empty();
    }

    private static ProviderError of(int status, JsonNode error) {
        List<String> names = new ArrayList<>();
        addName(names, error.path("code"));
        addName(names, error.path("type"));
        addName(names, error.path("status"));
        addName(names, error.path("innererror").path("code"));
        Optional<Duration> wait = Optional.empty();
        for (JsonNode detail : error.path("details")) {
            addName(names, detail.path("reason"));
            wait = wait.or(() -> ProviderDurations.read(detail.path("retryDelay").asString("")));
        }
        String message = message(error);
        JsonNode written = error.path("failed_generation");
        return new ProviderError(
                status,
                names,
                message,
                written.isString() ? Optional.of(written.asString()) : Optional.empty(),
                wait.or(() -> ProviderDurations.inWords(message)));
    }

    private static String message(JsonNode error) {
        if (error.isString()) {
            return error.asString();
        }
        for (String key : List.of("message", "detail")) {
            if (error.path(key).isString()) {
                return error.path(key).asString();
            }
        }
        return "";
    }

    /** Adds a code or type that is a plain name; anything else could be content. */
    private static void addName(List<String> names, JsonNode value) {
        String text = value.isString() || value.isNumber() ? value.asString() : "";
        if (text.matches("[A-Za-z0-9_.-]{1,64}")) {
            names.add(text);
        }
    }

    /** The reply of the call; it does not quote the provider's message. */
    ModelReply reply(Optional<Duration> ofHeaders) {
        String name = names.isEmpty() ? "" : names.getFirst();
        return ProviderReply.of(this)
                .reply(
                        this,
                        ("HTTP " + status + " " + name).strip(),
                        ofHeaders.or(() -> retryAfter).map(ResponseHeaders::bounded));
    }
}
