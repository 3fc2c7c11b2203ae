package dev.sluice.runtime.outcome;

import dev.sluice.analysis.failure.Failure;
import dev.sluice.contract.DeadLetterKind;
import dev.sluice.contract.Reason;

/**
 * Maps failures to reasons, and reasons to kinds of dead letters. This is the only place that does.
 */
public final class Reasons {
    private Reasons() {}

    public static Reason of(Failure failure) {
        return switch (failure) {
            case Failure.InvalidOutput _ -> Reason.INVALID_OUTPUT;
            case Failure.InputCutOff _ -> Reason.INPUT_TOO_LARGE;
            case Failure.OutputTruncated _ -> Reason.OUTPUT_TRUNCATED;
            case Failure.RefusedByModel _ -> Reason.REFUSED_BY_MODEL;
            case Failure.RejectedByProvider _ -> Reason.REJECTED_BY_PROVIDER;
            case Failure.UnpricedModel _ -> Reason.UNPRICED_MODEL;
            case Failure.CapExhausted _ -> Reason.CAP_EXHAUSTED;
            case Failure.DeadlineExceeded _ -> Reason.DEADLINE_EXCEEDED;
            case Failure.RetriesExhausted _ -> Reason.RETRIES_EXHAUSTED;
            case Failure.Bug _ -> Reason.INTERNAL_ERROR;
        };
    }

    /** The kind of a reason: whether the requester or an operator has to act. */
    public static DeadLetterKind kind(Reason reason) {
        return switch (reason) {
            case INVALID_REQUEST,
                    UNKNOWN_ANALYSIS,
                    INPUT_TOO_LARGE,
                    BUDGET_EXCEEDED,
                    RATE_EXCEEDED,
                    DEADLINE_EXCEEDED,
                    CANCELLED ->
                    DeadLetterKind.REFUSED;
            case INVALID_OUTPUT,
                    OUTPUT_TRUNCATED,
                    OUTPUT_TOO_LARGE,
                    REFUSED_BY_MODEL,
                    REJECTED_BY_PROVIDER,
                    UNPRICED_MODEL,
                    CAP_EXHAUSTED,
                    RETRIES_EXHAUSTED,
                    INTERNAL_ERROR,
                    UNKNOWN ->
                    DeadLetterKind.FAILED;
            case UNDECODABLE, CRASHED_WORKER -> DeadLetterKind.POISON;
        };
    }
}
