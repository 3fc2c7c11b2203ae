package dev.sluice.runtime.outcome;

import dev.sluice.contract.CallPurpose;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Validity;
import java.util.Optional;

/** How good the answers of a finished job were. */
public final class AnswerValidity {
    private AnswerValidity() {}

    /**
     * The validity of a job's answers.
     *
     * @param reason of the job's dead letter; empty for a result
     */
    public static Validity of(CallRows calls, Optional<Reason> reason) {
        if (reason.isPresent()) {
            return Validity.FAILED;
        }
        boolean isRepaired =
                calls.rows().stream().anyMatch(call -> call.getPurpose() == CallPurpose.REPAIR);
        return isRepaired ? Validity.REPAIRED : Validity.FIRST;
    }
}
