package dev.sluice.app.operate;

import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * The operations on dead letters that the console offers. Each reads topics, so each takes its
 * time, and blocks. Safe for use by many threads.
 *
 * <p>All of them throw {@link OperationRefusedException} if they are not carried out.
 */
public interface LetterOperations extends AutoCloseable {
    /**
     * How dead letters are redriven.
     *
     * @param isRejudge whether their answers are judged again, without a call
     * @param maxUsd most estimated cost, in USD; the oldest dead letters are taken
     * @param deadline another deadline from now on, in place of the requests' own
     */
    record Terms(boolean isRejudge, Optional<BigDecimal> maxUsd, Optional<Duration> deadline) {}

    /** The groups of reason and analysis, and the newest dead letters. */
    ObjectNode list(LetterQuery query);

    /** All that the newest dead letters of a request say, the newest first. */
    ObjectNode show(LetterQuery query);

    /** All that one dead letter says. */
    ObjectNode show(DeadLetterPlace place);

    /**
     * Plans a redrive, which {@link #redrive} carries out.
     *
     * @param terms how they are redriven
     */
    ObjectNode plan(LetterQuery query, Terms terms);

    /**
     * Carries a plan out.
     *
     * @param by who wants it, for the log
     */
    ObjectNode redrive(String plan, String by);

    /**
     * Discards dead letters.
     *
     * @param expected how many there are at most, according to who wants it
     * @param note why nothing is left to do about them
     * @param at names this discard for {@link #takeBack}. The same again, after a failure, is one
     *     discard
     * @param by who wants it, for the log
     */
    ObjectNode discard(LetterQuery query, long expected, String note, Instant at, String by);

    /**
     * Takes discards back.
     *
     * @param at the time that {@link #discard} was given
     * @param by who wants it, for the log
     */
    ObjectNode takeBack(LetterQuery query, Instant at, String by);

    /** Ends what is under way. */
    @Override
    void close();
}
