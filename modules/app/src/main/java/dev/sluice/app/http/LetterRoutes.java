package dev.sluice.app.http;

import dev.sluice.app.console.LetterDesk;
import dev.sluice.app.console.LetterDesk.Question;
import dev.sluice.app.console.LetterDesk.Refusal;
import dev.sluice.contract.Reason;
import dev.sluice.runtime.kafka.EnvironmentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The addresses of the console's page of dead letters. Blocks while topics are read. */
final class LetterRoutes {
    static final String PATH = "/api/dead-letters";
    private static final Logger log = LoggerFactory.getLogger(LetterRoutes.class);
    private static final String SHOW = PATH + "/request";
    private static final String PLAN = PATH + "/plan";
    private static final String REDRIVE = PATH + "/redrive";
    private static final String DISCARD = PATH + "/discard";
    private static final Set<String> READING = Set.of(PATH, SHOW, PLAN);
    private static final Set<String> CHANGING = Set.of(REDRIVE, DISCARD);
    private static final int MOST_HOURS = 24 * 366;
    private static final int MOST_BYTES = 16 << 10;
    private static final int LONGEST_NOTE = 500;
    private static final Set<String> DISCARD_FIELDS =
            Set.of("hours", "reason", "analysis", "user", "request", "note");

    private final LetterDesk desk;

    /** An answer of HTTP. */
    record Answer(int status, String body) {
        boolean isJson() {
            return status == 200;
        }
    }

    LetterRoutes(LetterDesk desk) {
        this.desk = desk;
    }

    static boolean isReading(String path) {
        return READING.contains(path);
    }

    static boolean isChanging(String path) {
        return CHANGING.contains(path);
    }

    /** Answers a request of somebody who may do that. */
    Answer answer(String path, Request request) {
        try {
            return new Answer(
                    200,
                    (isReading(path) ? read(path, request) : change(path, request)).toString());
        } catch (Refusal e) {
            return new Answer(e.status(), e.getMessage() + "\n");
        } catch (IOException | JacksonException e) {
            return new Answer(400, "the body is no JSON\n");
        } catch (AuthorizationException e) {
            return new Answer(
                    403,
                    e.getMessage()
                            + ": give the login of this service the rights that sluice acls"
                            + " operator prints, or use sluice dead-letters\n");
        } catch (EnvironmentException e) {
            return new Answer(503, e.getMessage() + "\n");
        } catch (KafkaException | IllegalStateException e) {
            return new Answer(503, "brokers or registry do not answer: " + e.getMessage() + "\n");
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("a bug: the console cannot work on dead letters");
            return new Answer(500, "a bug in Sluice; the log has the details\n");
        }
    }

    private JsonNode read(String path, Request request) {
        Fields fields = Request.extractQueryParameters(request);
        Question question = question(fields::getValue);
        return switch (path) {
            case SHOW -> {
                if (question.request().isEmpty()) {
                    throw mistake("request names no request");
                }
                yield desk.show(question);
            }
            case PLAN -> desk.plan(question, "true".equals(fields.getValue("rejudge")));
            default -> desk.list(question);
        };
    }

    private JsonNode change(String path, Request request) throws IOException {
        if (request.getLength() > MOST_BYTES || request.getLength() < 0) {
            throw mistake("the body is missing or too large");
        }
        JsonNode body =
                JsonMapper.shared()
                        .readTree(Content.Source.asString(request, StandardCharsets.UTF_8));
        if (path.equals(REDRIVE)) {
            return desk.redrive(body.path("plan").asString(""));
        }
        String note = body.path("note").asString("").strip();
        if (note.isEmpty() || note.length() > LONGEST_NOTE) {
            throw mistake(
                    "note is empty, or has more than "
                            + LONGEST_NOTE
                            + " characters: say why nothing is left to do");
        }
        // A field that is not understood could have been meant to leave some out.
        for (var field : body.properties()) {
            if (!DISCARD_FIELDS.contains(field.getKey()) || !field.getValue().isString()) {
                throw mistake("the field " + field.getKey() + " is unknown, or no text");
            }
        }
        if (!body.has("hours")) {
            throw mistake("hours is missing");
        }
        return desk.discard(question(name -> body.path(name).asString("")), note);
    }

    private static Question question(Function<String, String> fields) {
        String reason = Optional.ofNullable(fields.apply("reason")).orElse("");
        return new Question(
                hours(Optional.ofNullable(fields.apply("hours")).orElse("24")),
                reason.isEmpty() ? Set.of() : Set.of(reason(reason)),
                text(fields.apply("analysis")),
                text(fields.apply("user")),
                text(fields.apply("request")));
    }

    private static int hours(String text) {
        if (!text.matches("[1-9]\\d{0,3}") || Integer.parseInt(text) > MOST_HOURS) {
            throw mistake("hours must be a whole number from 1 to " + MOST_HOURS);
        }
        return Integer.parseInt(text);
    }

    private static Reason reason(String text) {
        try {
            return Reason.valueOf(text);
        } catch (IllegalArgumentException e) {
            throw mistake("there is no such reason");
        }
    }

    private static Optional<String> text(String field) {
        return Optional.ofNullable(field).filter(value -> !value.isEmpty());
    }

    private static Refusal mistake(String message) {
        return new Refusal(400, message);
    }
}
