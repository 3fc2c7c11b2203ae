package dev.sluice.admission.validate;

import dev.sluice.admission.ledger.CostEstimate;
import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.Priority;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.WhenOverBudget;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;

/**
 * A request that can be worked on once there is money for it.
 *
 * @param tariff of the day on which it would be paid
 * @param content what is asked, where an answer may be shared with others who ask the same
 */
public record ValidRequest(
        SourceRecord source,
        AnalysisRequest request,
        int generation,
        AnalysisDefinition definition,
        Instant deadline,
        Tariff tariff,
        CostEstimate need,
        Optional<ContentKey> content) {
    public LocalDate day() {
        return tariff.day();
    }

    public String user() {
        return request.getUserId().toString();
    }

    public RequestKey identity() {
        return RequestKey.of(request, generation);
    }

    /** Unique: where the request was read. */
    public String reservationId() {
        return source.getTopic() + "-" + source.getPartition() + "@" + source.getOffset();
    }

    /** Waits for the next day where the budget of this one is used up. */
    public boolean isPatient() {
        return request.getWhenOverBudget() == WhenOverBudget.WAIT;
    }

    /** Waits for its turn where the user has sent too many of late. */
    public boolean isPaced() {
        return isPatient() || request.getPriority() == Priority.BULK;
    }
}
