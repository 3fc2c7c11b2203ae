package dev.sluice.admission.validate;

import dev.sluice.admission.canary.TrialShare;
import dev.sluice.admission.ledger.CostEstimate;
import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.Priority;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.WhenOverBudget;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;

/**
 * A validated and priced request.
 *
 * @param tariff prices of the day on which the request would be paid
 * @param need worst-case cost of the job
 * @param content identity of the content, if the outcome may be shared with identical requests
 * @param trial its part in the trial of a canary, if any
 */
public record ValidRequest(
        SourceRecord source,
        AnalysisRequest request,
        int generation,
        AnalysisDefinition definition,
        Instant deadline,
        Tariff tariff,
        CostEstimate need,
        Optional<ContentKey> content,
        Optional<TrialShare> trial) {
    public LocalDate day() {
        return tariff.day();
    }

    public String user() {
        return request.getUserId().toString();
    }

    public RequestKey identity() {
        return RequestKey.of(request, generation);
    }

    /** The unique id of the request's reservation: topic, partition and offset of its record. */
    public String reservationId() {
        return source.getTopic() + "-" + source.getPartition() + "@" + source.getOffset();
    }

    /** Whether the request has answers judged again, and costs nothing. */
    public boolean isRejudged() {
        return DeadLetterPlace.isIn(source);
    }

    /** Whether the request waits for the next day if the budget of this day is used up. */
    public boolean isPatient() {
        return request.getWhenOverBudget() == WhenOverBudget.WAIT;
    }

    /** Whether the request waits if the user has sent too many requests in the last hour. */
    public boolean isPaced() {
        return isPatient() || request.getPriority() == Priority.BULK;
    }
}
