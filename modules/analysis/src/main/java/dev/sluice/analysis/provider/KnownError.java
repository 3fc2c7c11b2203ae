package dev.sluice.analysis.provider;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Errors whose meaning differs from their HTTP status. They are recognised by their code or type,
 * otherwise by their message. The sources are the providers' error pages and public bug reports.
 */
enum KnownError {
    /** OpenAI, Anthropic, DeepSeek (402), OpenRouter (402), LiteLLM's budgets (400 and 429). */
    OUT_OF_FUNDS(
            ProviderReply.OUT_OF_FUNDS,
            List.of(
                    "insufficient_quota",
                    "billing_hard_limit_reached",
                    "billing_not_active",
                    "billing_error",
                    "budget_exceeded",
                    "insufficient_balance",
                    "insufficient_credits",
                    "exceeded_current_quota_error"),
            List.of(
                    "credit balance",
                    "insufficient balance",
                    "insufficient credits",
                    "api usage limits",
                    "organization has been disabled",
                    "budget has been exceeded",
                    "exceededbudget",
                    "billing hard limit")),
    /** Gemini and several gateways send these with a 400. */
    KEY_NOT_ACCEPTED(
            ProviderReply.KEY_NOT_ACCEPTED,
            List.of(
                    "invalid_api_key",
                    "api_key_invalid",
                    "api_key_expired",
                    "authentication_error",
                    "unauthenticated",
                    "unauthorized"),
            List.of(
                    "api key not valid",
                    "api key expired",
                    "invalid api key",
                    "incorrect api key",
                    "invalid x-api-key",
                    "no api key",
                    "authentication error",
                    "authentication fails")),
    NO_PERMISSION(
            ProviderReply.NO_PERMISSION,
            List.of(
                    "permission_denied",
                    "permission_error",
                    "unsupported_country_region_territory"),
            List.of("user location is not supported")),
    /** OpenAI, Azure, vLLM, OpenRouter, LiteLLM, Groq. */
    NO_SUCH_MODEL(
            ProviderReply.NOT_FOUND,
            List.of(
                    "model_not_found",
                    "model_not_available",
                    "model_decommissioned",
                    "unknown_model",
                    "invalid_model",
                    "deploymentnotfound",
                    "not_found_error"),
            List.of(
                    "is not a valid model",
                    "invalid model name",
                    "model does not exist",
                    "model not exist",
                    "model not found",
                    "unknown model",
                    "no endpoints found",
                    "has been decommissioned",
                    "model is not supported")),
    /** The model's output is not JSON; Groq includes it in the error. */
    FAILED_GENERATION(
            ProviderReply.FAILED_GENERATION,
            List.of("json_validate_failed", "tool_use_failed"),
            List.of()),
    CONTENT_REJECTED(
            ProviderReply.CONTENT_REJECTED,
            List.of(
                    "content_filter",
                    "content_policy_violation",
                    "responsibleaipolicyviolation",
                    "data_inspection_failed",
                    "sensitive_content"),
            List.of("input was flagged", "content management policy", "content exists risk")),
    CONTEXT_TOO_LONG(
            ProviderReply.CONTEXT_TOO_LONG,
            List.of("context_length_exceeded", "string_above_max_length"),
            List.of(
                    "maximum context length",
                    "prompt is too long",
                    "context length exceeded",
                    "exceeds the context window",
                    "input token count exceeds")),
    /** Some gateways send these with a 400 or 500. */
    OVERLOADED(
            ProviderReply.OVERLOADED,
            List.of("overloaded_error", "engine_overloaded", "model_overloaded"),
            List.of("overloaded", "server is busy", "at capacity", "capacity exceeded")),
    RATE_LIMITED(
            ProviderReply.RATE_LIMITED,
            List.of(
                    "rate_limit_error",
                    "rate_limit_exceeded",
                    "too_many_requests",
                    "resource_exhausted",
                    "throttling"),
            List.of());

    /** Statuses that are never reinterpreted. */
    private static final Set<Integer> PLAIN =
            Set.of(401, 402, 407, 408, 409, 503, 504, 520, 524, 529);

    private static final int OWN_WORDS = 200;
    private static final Pattern QUOTE = Pattern.compile("[\"\\[{]|(?:^|[\\s:=(])['`]");

    private final ProviderReply row;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<String> names;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<String> words;

    KnownError(ProviderReply row, List<String> names, List<String> words) {
        this.row = row;
        this.names = names;
        this.words = words;
    }

    /**
     * The recognised meaning of an error.
     *
     * @param byWords whether it was recognised by its message only, which may quote the request
     */
    record Match(ProviderReply row, boolean byWords) {}

    /** The meaning of an error, if it differs from the status. */
    static Optional<Match> match(ProviderError error) {
        if (PLAIN.contains(error.status())) {
            return Optional.empty();
        }
        if (isLargerThanLimit(error)) {
            return Optional.of(new Match(ProviderReply.LARGER_THAN_LIMIT, false));
        }
        return byName(error)
                .map(known -> new Match(known.row, false))
                .or(() -> byWords(error).map(known -> new Match(known.row, true)));
    }

    /**
     * Whether the request exceeds the limit of a whole minute: OpenAI reports that with a 429, Groq
     * with a 413.
     */
    private static boolean isLargerThanLimit(ProviderError error) {
        boolean words =
                Stream.of("request too large", "reduce your message size")
                        .anyMatch(error.message().toLowerCase(Locale.ROOT)::contains);
        boolean ofRate = error.names().stream().anyMatch(RATE_LIMITED.names::contains);
        return switch (error.status()) {
            case 413 -> ofRate || error.message().contains("tokens per minute");
            case 429 -> words;
            default -> false;
        };
    }

    private static Optional<KnownError> byName(ProviderError error) {
        return Arrays.stream(values())
                .filter(known ->
                        error.names().stream()
                                .map(name -> name.toLowerCase(Locale.ROOT))
                                .anyMatch(known.names::contains))
                .findFirst();
    }

    /** Recognises an error by its message; not for a 5xx, whose message may quote anything. */
    private static Optional<KnownError> byWords(ProviderError error) {
        if (error.status() >= 500) {
            return Optional.empty();
        }
        String ownWords = ownWords(error.message());
        return Arrays.stream(values())
                .filter(known -> known.words.stream().anyMatch(ownWords::contains))
                .findFirst();
    }

    /** The beginning of a message, before any part that may quote the request. */
    private static String ownWords(String message) {
        Matcher quote = QUOTE.matcher(message);
        String own = quote.find() ? message.substring(0, quote.start()) : message;
        return own.substring(0, Math.min(own.length(), OWN_WORDS)).toLowerCase(Locale.ROOT);
    }
}
