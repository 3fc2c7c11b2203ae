package dev.sluice.simulator;

import java.util.List;

/** Temporary faults with any status. */
final class StatusFaults {
    static final Fault.Group GROUP =
            new Fault.Group(
                    "Passing trouble (not charged)",
                    List.of(
                            openAi(408, "request_timeout", "Request timed out"),
                            openAi(409, "conflict", "Conflict: another operation is under way"),
                            openAi(424, "failed_dependency", "Failed dependency: upstream failed"),
                            openAi(425, "too_early", "Too early"),
                            openAi(
                                    498,
                                    "capacity_exceeded",
                                    "Flex tier capacity exceeded, try again later"),
                            html(502, "Bad Gateway"),
                            openAi(503, "server_overloaded", "The server is overloaded"),
                            html(504, "Gateway Time-out"),
                            html(520, "Web server is returning an unknown error"),
                            html(524, "A timeout occurred"),
                            new Fault(
                                    "status-529",
                                    "529 with Anthropic's overloaded_error",
                                    Deviation.turnsAway(
                                            ErrorShape.ANTHROPIC.answer(
                                                    529, "overloaded_error", "", "Overloaded"))),
                            new Fault(
                                    "overloaded-400",
                                    "400 with the message that the model is overloaded",
                                    Deviation.turnsAway(
                                            ErrorShape.OPENAI.answer(
                                                    400,
                                                    "invalid_request_error",
                                                    "engine_overloaded_error",
                                                    "The model is currently overloaded, please try"
                                                            + " again later"))),
                            new Fault(
                                    "error-in-200-429",
                                    "200 whose body is an error of code 429",
                                    errorIn200(429, "rate_limit_error", "Rate limit exceeded")),
                            new Fault(
                                    "error-in-200-502",
                                    "200 whose body is an error of code 502",
                                    errorIn200(502, "api_error", "Provider returned error")),
                            Fault.ofChat(
                                    "error-in-choice",
                                    "200 with an error of code 502 in choices[0]",
                                    errorInChoice())));

    private StatusFaults() {}

    private static Fault openAi(int status, String code, String message) {
        return new Fault(
                "status-" + status,
                status + ": " + message,
                Deviation.turnsAway(ErrorShape.OPENAI.answer(status, "api_error", code, message)));
    }

    private static Fault html(int status, String title) {
        return new Fault(
                "status-" + status,
                status + " as a web page: " + title,
                Deviation.turnsAway(ChatAnswer.html(status, status + " " + title)));
    }

    /** An error with status 200; in Anthropic's interface, an error type. */
    static Deviation errorIn200(int code, String type, String message) {
        return Deviation.turnsAway((dialect, server, request) ->
                (dialect instanceof AnthropicDialect ? ErrorShape.ANTHROPIC : ErrorShape.OPENROUTER)
                        .answer(code, type, "", message)
                        .as(200));
    }

    /** A gateway that lost its model after it had sent the status. */
    private static Deviation errorInChoice() {
        return Deviation.turnsAway((dialect, server, request) -> {
            Dialect.Reply reply =
                    new Dialect.Reply(
                            "failed",
                            "",
                            Dialect.Ending.STOP,
                            new Tokens(0, 0, 0, 0, 0, 0),
                            Tier.STANDARD);
            Envelope envelope = new Envelope(dialect.write(request, reply), reply);
            if (!envelope.isOpenAi()) {
                return dialect.error(502, "api_error", "Provider returned error").as(200);
            }
            envelope.json().remove("usage");
            envelope.finish("error");
            envelope.choice()
                    .putObject("error")
                    .put("code", 502)
                    .put("message", "Provider returned error");
            return new ChatAnswer(200, envelope.json());
        });
    }
}
