package dev.sluice.analysis.model;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Everything that a provider, or the network on the way to it, can do to a call, and what becomes
 * of it. The table in docs/PROVIDER-REPLIES.md is written from this one.
 */
public enum ProviderReply {
    ANSWER("200 with an answer and its usage", Becomes.ANSWERED, Charged.YES, "judged"),
    ANSWER_WITHOUT_USAGE(
            "200 with an answer and no usage",
            Becomes.ANSWERED,
            Charged.UNKNOWN,
            "judged; booked at its worst case"),
    REFUSAL(
            "200, the model declines",
            Becomes.REFUSED,
            Charged.YES,
            "dead letter `REFUSED_BY_MODEL`"),
    BAD_REQUEST("400", Becomes.REJECTED, Charged.NO, Then.DEAD_LETTER),
    KEY_NOT_ACCEPTED("401", Becomes.THROTTLED, Charged.NO, Then.PAUSE),
    OUT_OF_FUNDS(
            "`insufficient_quota` and the like, 402, 400 for a credit balance that is too low, a usage"
                    + " limit or a disabled organization",
            Becomes.THROTTLED,
            Charged.NO,
            Then.PAUSE),
    NO_PERMISSION("403, 407", Becomes.THROTTLED, Charged.NO, Then.PAUSE),
    NOT_FOUND(
            "404, 405, a redirect, `model_not_found`: no such model, or the base URL is wrong",
            Becomes.THROTTLED,
            Charged.NO,
            Then.PAUSE),
    REQUEST_TIMEOUT("408", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    CONFLICT("409", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    TOO_LARGE("413", Becomes.REJECTED, Charged.NO, Then.DEAD_LETTER),
    UNPROCESSABLE("422", Becomes.REJECTED, Charged.NO, Then.DEAD_LETTER),
    RATE_LIMITED(
            "429",
            Becomes.THROTTLED,
            Charged.NO,
            "every call to the deployment waits as long as the provider asks"),
    LARGER_THAN_LIMIT(
            "429 for a request that is larger than the whole limit (`Request too large`)",
            Becomes.REJECTED,
            Charged.NO,
            "goes to a fallback; without one " + Then.DEAD_LETTER),
    OTHER_CLIENT_ERROR("any other 4xx", Becomes.REJECTED, Charged.NO, Then.DEAD_LETTER),
    SERVER_ERROR("500", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    BAD_GATEWAY("502", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    SERVICE_UNAVAILABLE("503", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    GATEWAY_TIMEOUT(
            "504, 520, 524: a gateway stopped waiting for the model",
            Becomes.UNAVAILABLE,
            Charged.UNKNOWN,
            Then.AGAIN),
    OVERLOADED("529", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    OTHER_SERVER_ERROR("any other 5xx", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    NOT_CONNECTED(
            "no connection: refused, unknown host, timeout while connecting",
            Becomes.UNAVAILABLE,
            Charged.NO,
            Then.AGAIN),
    TLS_FAILURE(
            "no TLS session: a certificate that is not trusted, no common protocol",
            Becomes.UNAVAILABLE,
            Charged.NO,
            Then.AGAIN),
    CONNECTION_LOST(
            "connection reset or closed before the whole answer",
            Becomes.UNAVAILABLE,
            Charged.UNKNOWN,
            Then.AGAIN),
    READ_TIMEOUT(
            "no whole answer within the timeout", Becomes.UNAVAILABLE, Charged.UNKNOWN, Then.AGAIN),
    ANSWER_TOO_LARGE(
            "an answer of more than 16 MB", Becomes.UNAVAILABLE, Charged.UNKNOWN, Then.AGAIN),
    EMPTY_BODY("200 with an empty body", Becomes.UNAVAILABLE, Charged.UNKNOWN, Then.AGAIN),
    NOT_JSON(
            "200 with a body that is no JSON, a web page say",
            Becomes.UNAVAILABLE,
            Charged.UNKNOWN,
            Then.AGAIN),
    UNKNOWN_JSON(
            "200 with JSON that is no answer", Becomes.UNAVAILABLE, Charged.UNKNOWN, Then.AGAIN);

    private static final Set<String> NO_FUNDS =
            Set.of(
                    "insufficient_quota",
                    "billing_hard_limit_reached",
                    "billing_not_active",
                    "billing_error");

    private static final Set<String> NO_FUNDS_IN_WORDS =
            Set.of("credit balance", "api usage limits", "organization has been disabled");

    private final String when;
    private final Becomes becomes;
    private final Charged charged;
    private final String then;

    /** The variant of {@link ModelReply}. */
    public enum Becomes {
        ANSWERED,
        REFUSED,
        THROTTLED,
        UNAVAILABLE,
        REJECTED
    }

    /** Whether the provider charges for the call. UNKNOWN is booked at its worst case. */
    public enum Charged {
        YES,
        NO,
        UNKNOWN
    }

    private static final class Then {
        static final String DEAD_LETTER = "dead letter `REJECTED_BY_PROVIDER`";
        static final String PAUSE = "the deployment pauses, one call probes it now and then";
        static final String AGAIN = "tried again";
    }

    ProviderReply(String when, Becomes becomes, Charged charged, String then) {
        this.when = when;
        this.becomes = becomes;
        this.charged = charged;
        this.then = then;
    }

    /** What was seen, in words. */
    public String when() {
        return when;
    }

    public Becomes becomes() {
        return becomes;
    }

    public Charged charged() {
        return charged;
    }

    /** What Sluice does, in words. */
    public String then() {
        return then;
    }

    /** The row of an HTTP status that is no success. */
    static ProviderReply of(ProviderError error) {
        if (isOutOfFunds(error)) {
            return OUT_OF_FUNDS;
        }
        if (error.code().equals("model_not_found")) {
            return NOT_FOUND;
        }
        int status = error.status();
        if (status == 429 && inLowerCase(error).contains("request too large")) {
            return LARGER_THAN_LIMIT;
        }
        return switch (status) {
            case 400 -> BAD_REQUEST;
            case 401 -> KEY_NOT_ACCEPTED;
            case 403, 407 -> NO_PERMISSION;
            case 404, 405 -> NOT_FOUND;
            case 408 -> REQUEST_TIMEOUT;
            case 409 -> CONFLICT;
            case 413 -> TOO_LARGE;
            case 422 -> UNPROCESSABLE;
            case 429 -> RATE_LIMITED;
            case 500 -> SERVER_ERROR;
            case 502 -> BAD_GATEWAY;
            case 503 -> SERVICE_UNAVAILABLE;
            case 504, 520, 524 -> GATEWAY_TIMEOUT;
            case 529 -> OVERLOADED;
            default ->
                    status < 400
                            ? NOT_FOUND
                            : status < 500 ? OTHER_CLIENT_ERROR : OTHER_SERVER_ERROR;
        };
    }

    /** Anthropic says so with a 400 and in words. */
    private static boolean isOutOfFunds(ProviderError error) {
        String said = inLowerCase(error);
        return error.status() == 402
                || NO_FUNDS.contains(error.code())
                || NO_FUNDS.contains(error.type())
                || (error.status() == 400 && NO_FUNDS_IN_WORDS.stream().anyMatch(said::contains));
    }

    private static String inLowerCase(ProviderError error) {
        return error.message().toLowerCase(Locale.ROOT);
    }

    /**
     * The reply of a call that got no answer.
     *
     * @param message what happened; never content
     */
    ModelReply reply(OptionalInt httpStatus, String message, Optional<Duration> retryAfter) {
        return switch (becomes) {
            case THROTTLED ->
                    new ModelReply.Throttled(
                            httpStatus.orElse(0), message, this != RATE_LIMITED, retryAfter);
            case UNAVAILABLE ->
                    new ModelReply.Unavailable(
                            httpStatus, message, charged == Charged.UNKNOWN, retryAfter);
            case REJECTED ->
                    new ModelReply.Rejected(
                            httpStatus.orElse(0), message, this == LARGER_THAN_LIMIT);
            case ANSWERED, REFUSED ->
                    throw new IllegalStateException(this + " is an answer with a text");
        };
    }

    /** The table in Markdown, as the documentation has it. */
    public static String markdown() {
        StringBuilder table = new StringBuilder("| what comes | becomes | charged | then |\n");
        table.append("|---|---|---|---|\n");
        Arrays.stream(values())
                .forEach(row ->
                        table.append("| ")
                                .append(row.when)
                                .append(" | ")
                                .append(row.becomes)
                                .append(" | ")
                                .append(row.charged.name().toLowerCase(Locale.ROOT))
                                .append(" | ")
                                .append(row.then)
                                .append(" |\n"));
        return table.toString();
    }
}
