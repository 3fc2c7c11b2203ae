package dev.sluice.analysis.provider;

import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * All behaviours of a provider, or of the network to it, with Sluice's reaction to each. The table
 * in docs/PROVIDER-REPLIES.md is generated from this enum.
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
    FAILED_GENERATION(
            "400 `json_validate_failed`: the model's answer breaks the schema",
            Becomes.ANSWERED,
            Charged.UNKNOWN,
            "judged as an answer and repaired; booked at its worst case"),
    BAD_REQUEST("400", Becomes.REJECTED, Charged.NO, Then.DEAD_LETTER_OR_PAUSE),
    CONTENT_REJECTED(
            "`content_filter` and the like: the request's content is not accepted",
            Becomes.REJECTED,
            Charged.NO,
            Then.DEAD_LETTER),
    CONTEXT_TOO_LONG(
            "`context_length_exceeded` and the like: too long for the model",
            Becomes.REJECTED,
            Charged.NO,
            Then.FALLBACK),
    KEY_NOT_ACCEPTED(
            "401, 400 for an API key that is not valid", Becomes.BLOCKED, Charged.NO, Then.PAUSE),
    OUT_OF_FUNDS(
            "402, `insufficient_quota` and the like, 400 or 429 for a credit balance that is too low,"
                    + " a budget of a gateway, a usage limit or a disabled organization",
            Becomes.BLOCKED,
            Charged.NO,
            Then.PAUSE),
    NO_PERMISSION("403", Becomes.BLOCKED, Charged.NO, Then.PAUSE_LATER),
    NOT_FOUND(
            "404, 405, a redirect, 400 for a model that does not exist: no such model, or the base"
                    + " URL is wrong",
            Becomes.BLOCKED,
            Charged.NO,
            Then.PAUSE),
    PROXY_AUTHENTICATION(
            "407: the proxy on the way wants authentication",
            Becomes.UNAVAILABLE,
            Charged.NO,
            Then.AGAIN),
    REQUEST_TIMEOUT("408", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    CONFLICT("409", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    TOO_LARGE("413", Becomes.REJECTED, Charged.NO, Then.DEAD_LETTER),
    UNPROCESSABLE("422", Becomes.REJECTED, Charged.NO, Then.DEAD_LETTER_OR_PAUSE),
    RATE_LIMITED(
            "429",
            Becomes.THROTTLED,
            Charged.NO,
            "every call to the deployment waits as long as the provider asks"),
    LARGER_THAN_LIMIT(
            "429 or 413 for a request that is larger than the whole limit (`Request too large`)",
            Becomes.REJECTED,
            Charged.NO,
            Then.FALLBACK),
    OTHER_CLIENT_ERROR("any other 4xx", Becomes.REJECTED, Charged.NO, Then.DEAD_LETTER_OR_PAUSE),
    SERVER_ERROR("500", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    BAD_GATEWAY("502", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    SERVICE_UNAVAILABLE("503", Becomes.UNAVAILABLE, Charged.NO, Then.AGAIN),
    GATEWAY_TIMEOUT(
            "504, 520, 524: a gateway stopped waiting for the model",
            Becomes.UNAVAILABLE,
            Charged.UNKNOWN,
            Then.AGAIN),
    OVERLOADED(
            "529, 424, 425, 498, or `overloaded` with another status",
            Becomes.UNAVAILABLE,
            Charged.NO,
            Then.AGAIN),
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
    UNKNOWN_ENCODING(
            "an answer compressed in a way nobody asked for, or damaged",
            Becomes.UNAVAILABLE,
            Charged.UNKNOWN,
            Then.AGAIN),
    EMPTY_BODY("2xx with an empty body", Becomes.UNAVAILABLE, Charged.UNKNOWN, Then.AGAIN),
    NOT_JSON(
            "2xx with a body that is not JSON, a web page for instance",
            Becomes.UNAVAILABLE,
            Charged.UNKNOWN,
            Then.AGAIN),
    EVENT_STREAM(
            "200 with server-sent events that cannot be put together",
            Becomes.UNAVAILABLE,
            Charged.UNKNOWN,
            Then.AGAIN),
    UNKNOWN_JSON(
            "2xx with JSON that is not an answer",
            Becomes.UNAVAILABLE,
            Charged.UNKNOWN,
            Then.AGAIN),
    ERROR_IN_ANSWER(
            "200 with an `error` in it: as if its status had come; without a status:",
            Becomes.UNAVAILABLE,
            Charged.UNKNOWN,
            Then.AGAIN),
    FINISHED_IN_ERROR(
            "200 with a finish reason such as `error`, `abort`, `insufficient_system_resource`",
            Becomes.UNAVAILABLE,
            Charged.UNKNOWN,
            Then.AGAIN);

    private final String when;
    private final Becomes becomes;
    private final Charged charged;
    private final String then;

    /** The variant of {@link ModelReply}. */
    public enum Becomes {
        ANSWERED,
        REFUSED,
        THROTTLED,
        BLOCKED,
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
        static final String DEAD_LETTER_OR_PAUSE =
                DEAD_LETTER
                        + "; the third in a row, none answered in between, pauses the deployment";
        static final String FALLBACK = "goes to a fallback; without one " + DEAD_LETTER;
        static final String PAUSE = "the deployment pauses, one call probes it now and then";
        static final String PAUSE_LATER =
                "tried again; the third in a row, none answered in between, pauses the deployment";
        static final String AGAIN = "tried again";
    }

    ProviderReply(String when, Becomes becomes, Charged charged, String then) {
        this.when = when;
        this.becomes = becomes;
        this.charged = charged;
        this.then = then;
    }

    /** Description of the observed behaviour. */
    public String when() {
        return when;
    }

    public Becomes becomes() {
        return becomes;
    }

    public Charged charged() {
        return charged;
    }

    /** Description of Sluice's reaction. */
    public String then() {
        return then;
    }

    /** The behaviour that an error belongs to. */
    static ProviderReply of(ProviderError error) {
        return KnownError.match(error)
                .map(KnownError.Match::row)
                .orElseGet(() -> ofStatus(error.status()));
    }

    private static ProviderReply ofStatus(int status) {
        return switch (status) {
            case 200 -> ERROR_IN_ANSWER;
            case 400 -> BAD_REQUEST;
            case 401 -> KEY_NOT_ACCEPTED;
            case 402 -> OUT_OF_FUNDS;
            case 403 -> NO_PERMISSION;
            case 404, 405 -> NOT_FOUND;
            case 407 -> PROXY_AUTHENTICATION;
            case 408 -> REQUEST_TIMEOUT;
            case 409 -> CONFLICT;
            case 413 -> TOO_LARGE;
            case 422 -> UNPROCESSABLE;
            case 424, 425, 498, 529 -> OVERLOADED;
            case 429 -> RATE_LIMITED;
            case 500 -> SERVER_ERROR;
            case 502 -> BAD_GATEWAY;
            case 503 -> SERVICE_UNAVAILABLE;
            case 504, 520, 524 -> GATEWAY_TIMEOUT;
            default ->
                    status < 400
                            ? NOT_FOUND
                            : status < 500 ? OTHER_CLIENT_ERROR : OTHER_SERVER_ERROR;
        };
    }

    /** The reply of a call that ended in an error. */
    ModelReply reply(ProviderError error, String message, Optional<Duration> retryAfter) {
        if (this == FAILED_GENERATION) {
            return new ModelReply.Answered(
                    error.failedGeneration().orElse(""),
                    FinishReason.STOP,
                    Optional.empty(),
                    "",
                    RateLimits.NONE);
        }
        Optional<KnownError.Match> match = KnownError.match(error);
        boolean isGuess = match.isPresent() ? match.get().byWords() : this == NO_PERMISSION;
        return becomes == Becomes.BLOCKED && isGuess
                ? new ModelReply.Blocked(
                        error.status(), message, retryAfter, ModelReply.Fault.UNCERTAIN)
                : reply(OptionalInt.of(error.status()), message, retryAfter);
    }

    /**
     * The reply of a call that got no answer.
     *
     * @param message description; never contains content
     */
    ModelReply reply(OptionalInt httpStatus, String message, Optional<Duration> retryAfter) {
        return switch (becomes) {
            case THROTTLED -> new ModelReply.Throttled(httpStatus.orElse(0), message, retryAfter);
            case BLOCKED -> new ModelReply.Blocked(httpStatus.orElse(0), message, retryAfter);
            case UNAVAILABLE ->
                    charged == Charged.UNKNOWN
                            ? ModelReply.Unavailable.answerLost(httpStatus, message, retryAfter)
                            : ModelReply.Unavailable.uncharged(httpStatus, message, retryAfter);
            case REJECTED -> new ModelReply.Rejected(httpStatus.orElse(0), message, because());
            case ANSWERED, REFUSED ->
                    throw new IllegalStateException(this + " is an answer with a text");
        };
    }

    private ModelReply.Because because() {
        return switch (this) {
            case BAD_REQUEST, UNPROCESSABLE, OTHER_CLIENT_ERROR -> ModelReply.Because.UNKNOWN;
            case LARGER_THAN_LIMIT, CONTEXT_TOO_LONG -> ModelReply.Because.LIMITS;
            default -> ModelReply.Because.REQUEST;
        };
    }

    /** The table in Markdown for the documentation. */
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
