package dev.sluice.admission;

import dev.sluice.admission.ledger.Need;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.WhenOverBudget;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/**
 * A request that can be worked on once there is money for it.
 *
 * @param day on which it would be paid
 * @param prices of every model that may be asked, on that day
 */
record SoundRequest(
        SourceRecord source,
        AnalysisRequest request,
        int generation,
        AnalysisDefinition definition,
        Instant deadline,
        LocalDate day,
        List<ModelPrice> prices,
        Need need) {
    SoundRequest {
        prices = List.copyOf(prices);
    }

    String user() {
        return request.getUserId().toString();
    }

    /** Unique: where the request was read. */
    String reservationId() {
        return source.getTopic() + "-" + source.getPartition() + "@" + source.getOffset();
    }

    boolean isPatient() {
        return request.getWhenOverBudget() == WhenOverBudget.WAIT;
    }
}
