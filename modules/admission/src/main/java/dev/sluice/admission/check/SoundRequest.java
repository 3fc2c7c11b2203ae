package dev.sluice.admission.check;

import dev.sluice.admission.ledger.Need;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.Priority;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.WhenOverBudget;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * A request that can be worked on once there is money for it.
 *
 * @param day on which it would be paid
 * @param prices of every model that may be asked, on that day
 * @param content what is asked, where an answer may be shared with others who ask the same
 */
public record SoundRequest(
        SourceRecord source,
        AnalysisRequest request,
        int generation,
        AnalysisDefinition definition,
        Instant deadline,
        LocalDate day,
        List<ModelPrice> prices,
        Need need,
        Optional<ContentKey> content) {
    public SoundRequest {
        prices = List.copyOf(prices);
    }

    public String user() {
        return request.getUserId().toString();
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

    /** A redrive was counted when it first came. */
    public boolean countsTowardsRate() {
        return generation == 0;
    }
}
