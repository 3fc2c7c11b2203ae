package dev.sluice.simulator;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The difference from a normal answer, step by step.
 *
 * @param instead an answer without a call to the model; such a call is not charged
 * @param drafted changes the model's text before it is counted and charged
 * @param written changes the JSON
 * @param sent changes the HTTP answer
 */
record Deviation(
        Optional<Turnaway> instead,
        UnaryOperator<Draft> drafted,
        Consumer<Envelope> written,
        BiFunction<Envelope, ChatAnswer, ChatAnswer> sent) {
    static final Deviation NONE =
            new Deviation(
                    Optional.empty(),
                    UnaryOperator.identity(),
                    envelope -> {},
                    (envelope, answer) -> answer);

    /** An answer without a call to the model. */
    interface Turnaway {
        ChatAnswer answer(Dialect dialect, ServerDialect server, ChatRequest request);
    }

    static Deviation turnsAway(Turnaway answer) {
        return new Deviation(Optional.of(answer), NONE.drafted, NONE.written, NONE.sent);
    }

    static Deviation turnsAway(ChatAnswer answer) {
        return turnsAway((dialect, server, request) -> answer);
    }

    static Deviation drafts(UnaryOperator<Draft> change) {
        return new Deviation(Optional.empty(), change, NONE.written, NONE.sent);
    }

    static Deviation writes(Consumer<Envelope> change) {
        return new Deviation(Optional.empty(), NONE.drafted, change, NONE.sent);
    }

    static Deviation sends(BiFunction<Envelope, ChatAnswer, ChatAnswer> change) {
        return new Deviation(Optional.empty(), NONE.drafted, NONE.written, change);
    }

    static Deviation sends(UnaryOperator<ChatAnswer> change) {
        return sends((envelope, answer) -> change.apply(answer));
    }

    static Deviation headers(Map<String, String> headers) {
        return sends(answer -> answer.with(headers));
    }

    /** Applies all deviations in their order. */
    static Deviation all(List<Deviation> deviations) {
        return deviations.stream().reduce(NONE, Deviation::and);
    }

    /** This deviation and then another one, which takes precedence. */
    Deviation and(Deviation other) {
        return new Deviation(
                other.instead.or(() -> instead),
                draft -> other.drafted.apply(drafted.apply(draft)),
                written.andThen(other.written),
                (envelope, answer) -> other.sent.apply(envelope, sent.apply(envelope, answer)));
    }
}
