package dev.sluice.app.http;

import dev.sluice.app.operate.LetterOperations;
import dev.sluice.app.operate.LetterOperations.Terms;
import dev.sluice.app.operate.LetterQuery;
import dev.sluice.app.operate.OperationRefusedException;
import dev.sluice.app.operate.OperationRefusedException.Kind;
import dev.sluice.contract.Reason;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The addresses of the console's page of dead letters. Blocks while topics are read. */
final class LetterRoutes {
    private static final Logger log = LoggerFactory.getLogger(LetterRoutes.class);
    private static final String PATH = "/api/dead-letters";
    private static final String SHOW = PATH + "/request";
    private static final String PLAN = PATH + "/plan";
    private static final String REDRIVE = PATH + "/redrive";
    private static final String DISCARD = PATH + "/discard";
    private static final String TAKE_BACK = PATH + "/take-back";
    private static final Set<String> GETS = Set.of(PATH, SHOW);
    private static final Set<String> CHANGES = Set.of(REDRIVE, DISCARD, TAKE_BACK);

    /** What a query can have; since and ends are those of a list. */
    private static final Set<String> QUERY =
            Set.of("since", "ends", "reason", "analysis", "user", "request");

    private static final int MOST_HOURS = 24 * 366;
    private static final int MOST_BYTES = 16 << 10;
    private static final int LONGEST_NOTE = 500;
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final LetterOperations operations;
    private final InstantSource clock;

    /** An answer of HTTP. */
    record Answer(int status, String body, Optional<Duration> retryAfter) {
        static Answer of(int status, @Nullable String message) {
            return new Answer(
                    status, message + "\n", status == 503 ? Optional.of(RETRY) : Optional.empty());
        }

        boolean isJson() {
            return status == 200;
        }
    }

    LetterRoutes(LetterOperations operations) {
        this.operations = operations;
        this.clock = InstantSource.system();
    }

    static boolean has(String path) {
        return GETS.contains(path) || path.equals(PLAN) || CHANGES.contains(path);
    }

    /** Whether an address changes something outside of this process. */
    static boolean isChange(String path) {
        return CHANGES.contains(path);
    }

    /** The method of an address. */
    static String method(String path) {
        return GETS.contains(path) ? "GET" : "POST";
    }

    /**
     * Answers a request of somebody who may do that.
     *
     * @param noChanges why he may change nothing; lists say it
     */
    Answer answer(String path, Request request, Optional<String> noChanges) {
        try {
            ObjectNode answer = GETS.contains(path) ? read(path, request) : write(path, request);
            if (path.equals(PATH)) {
                noChanges.ifPresent(why -> answer.put("noChanges", why));
            }
            return new Answer(200, answer.toString(), Optional.empty());
        } catch (OperationRefusedException e) {
            return Answer.of(status(e.kind()), e.getMessage());
        } catch (IOException | JacksonException e) {
            return Answer.of(400, "the body is no JSON");
        } catch (RuntimeException e) {
            return failed(e);
        }
    }

    private static int status(Kind kind) {
        return switch (kind) {
            case MISTAKE -> 400;
            case CONFLICT -> 409;
            case BUSY -> 503;
        };
    }

    private static Answer failed(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AuthorizationException) {
                return Answer.of(
                        403,
                        cause.getMessage()
                                + ": give the login of this service the rights that sluice acls"
                                + " operator prints, or use sluice dead-letters");
            }
        }
        return switch (failure) {
            case EnvironmentException e -> Answer.of(503, e.getMessage());
            case KafkaException e -> unanswered(e);
            case IllegalStateException e -> unanswered(e);
            default -> {
                log.atError()
                        .setCause(failure)
                        .log("a bug: the console cannot work on dead letters");
                yield Answer.of(500, "a bug in Sluice; the log has the details");
            }
        };
    }

    private static Answer unanswered(RuntimeException failure) {
        return Answer.of(503, "brokers or registry do not answer: " + failure.getMessage());
    }

    private ObjectNode read(String path, Request request) {
        Fields fields = fields(request);
        Optional<String> place = text(fields.getValue("place"));
        if (path.equals(SHOW) && place.isPresent()) {
            return operations.show(
                    place.flatMap(DeadLetterPlace::of)
                            .orElseThrow(
                                    () -> mistake("place must be partition@offset, such as 3@17")));
        }
        Instant since =
                clock.instant()
                        .minus(
                                hours(
                                        text(fields.getValue("hours"))
                                                .orElseThrow(() -> mistake("hours is missing"))));
        LetterQuery query = query(since, Map.of(), fields::getValue);
        if (path.equals(SHOW)) {
            if (query.request().isEmpty()) {
                throw mistake("request or place is missing");
            }
            return operations.show(query);
        }
        return operations.list(query);
    }

    private static Fields fields(Request request) {
        try {
            return Request.extractQueryParameters(request);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw mistake("the address cannot be read: write % and UTF-8 as URLs have them");
        }
    }

    private ObjectNode write(String path, Request request) throws IOException {
        if (request.getLength() > MOST_BYTES || request.getLength() < 0) {
            throw mistake("the body is missing or too large");
        }
        JsonNode body =
                JsonMapper.shared()
                        .readTree(Content.Source.asString(request, StandardCharsets.UTF_8));
        String by = "console at " + Request.getRemoteAddr(request);
        return switch (path) {
            case REDRIVE -> {
                requireFields(body, Set.of("plan"), Set.of());
                yield operations.redrive(required(body, "plan"), by);
            }
            case PLAN -> {
                requireFields(body, Set.of("rejudge", "maxUsd", "deadlineHours"), QUERY);
                yield operations.plan(
                        query(body),
                        new Terms(
                                required(body, "rejudge").equals("true"),
                                optional(body, "maxUsd").map(LetterRoutes::usd),
                                optional(body, "deadlineHours").map(LetterRoutes::hours)));
            }
            case DISCARD -> {
                requireFields(body, Set.of("note", "count", "at"), QUERY);
                yield operations.discard(
                        query(body), count(body), note(body), time(body, "at"), by);
            }
            default -> {
                requireFields(body, Set.of("at"), QUERY);
                yield operations.takeBack(query(body), time(body, "at"), by);
            }
        };
    }

    /** A field that is not understood could have been meant to leave some out. */
    private static void requireFields(JsonNode body, Set<String> own, Set<String> query) {
        for (var field : body.properties()) {
            boolean isKnown = own.contains(field.getKey()) || query.contains(field.getKey());
            if (!isKnown || !field.getValue().isString()) {
                throw mistake("the field " + field.getKey() + " is unknown, or no text");
            }
        }
    }

    private static Optional<String> optional(JsonNode body, String field) {
        return text(body.path(field).asString(""));
    }

    private static String required(JsonNode body, String field) {
        return optional(body, field).orElseThrow(() -> mistake(field + " is missing"));
    }

    private static String note(JsonNode body) {
        String note = body.path("note").asString("").strip();
        if (note.isEmpty() || note.length() > LONGEST_NOTE) {
            throw mistake(
                    "note is empty, or has more than "
                            + LONGEST_NOTE
                            + " characters: say why nothing is left to do");
        }
        return note;
    }

    private static long count(JsonNode body) {
        String text = required(body, "count");
        if (!text.matches("\\d{1,9}")) {
            throw mistake("count must be a whole number");
        }
        return Long.parseLong(text);
    }

    private static BigDecimal usd(String text) {
        if (!text.matches("\\d{1,9}(\\.\\d{1,9})?")) {
            throw mistake("the most that it may cost must be a number of USD, such as 12.50");
        }
        return new BigDecimal(text);
    }

    private static Instant time(JsonNode body, String field) {
        String text = required(body, field);
        // Times before 1970 and after the year 9999 are none of a record.
        if (!text.matches("(19[7-9]|[2-9]\\d\\d)\\d-.{1,40}")) {
            throw noTime(field);
        }
        try {
            return Instant.parse(text).truncatedTo(ChronoUnit.MILLIS);
        } catch (DateTimeParseException e) {
            throw noTime(field);
        }
    }

    private static OperationRefusedException noTime(String field) {
        return mistake(field + " must be a time such as 2030-01-31T00:00:00Z");
    }

    private static Map<Integer, Long> ends(JsonNode body) {
        Map<Integer, Long> ends = new HashMap<>();
        for (String place : required(body, "ends").split(",", -1)) {
            DeadLetterPlace end =
                    DeadLetterPlace.of(place)
                            .orElseThrow(() -> mistake("ends must be those of a list"));
            ends.put(end.partition(), end.offset());
        }
        return ends;
    }

    private static LetterQuery query(JsonNode body) {
        return query(time(body, "since"), ends(body), field -> body.path(field).asString(""));
    }

    private static LetterQuery query(
            Instant since, Map<Integer, Long> ends, Function<String, @Nullable String> fields) {
        return new LetterQuery(
                since,
                ends,
                text(fields.apply("reason"))
                        .map(LetterRoutes::reason)
                        .map(Set::of)
                        .orElse(Set.of()),
                text(fields.apply("analysis")),
                text(fields.apply("user")),
                text(fields.apply("request")));
    }

    private static Duration hours(String text) {
        if (!text.matches("[1-9]\\d{0,3}") || Integer.parseInt(text) > MOST_HOURS) {
            throw mistake("hours must be a whole number from 1 to " + MOST_HOURS);
        }
        return Duration.ofHours(Integer.parseInt(text));
    }

    private static Reason reason(String text) {
        try {
            return Reason.valueOf(text);
        } catch (IllegalArgumentException e) {
            throw mistake("there is no such reason");
        }
    }

    private static Optional<String> text(@Nullable String field) {
        return Optional.ofNullable(field).filter(value -> !value.isEmpty());
    }

    private static OperationRefusedException mistake(String message) {
        return new OperationRefusedException(Kind.MISTAKE, message);
    }
}
