package dev.sluice.admission.validate;

import dev.sluice.admission.ledger.CostEstimate;
import dev.sluice.analysis.CapEstimate;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.contract.ModelPrice;
import dev.sluice.runtime.outcome.ContractPrices;
import java.time.LocalDate;
import java.util.List;

/** What the models of an analysis cost on a day. */
public final class Tariff {
    private final LocalDate day;
    private final CapEstimate estimate;
    private final List<dev.sluice.analysis.price.ModelPrice> prices;
    private final List<ModelPrice> written;

    Tariff(LocalDate day, CapEstimate estimate, List<dev.sluice.analysis.price.ModelPrice> prices) {
        this.day = day;
        this.estimate = estimate;
        this.prices = List.copyOf(prices);
        this.written = prices.stream().map(ContractPrices::toContract).toList();
    }

    public LocalDate day() {
        return day;
    }

    /** The prices as they travel with jobs. */
    public List<ModelPrice> written() {
        return written;
    }

    /** What a job with content of this size may cost. */
    CostEstimate need(ContentSize content) {
        return new CostEstimate(estimate.oneCall(content, prices), estimate.cap(content, prices));
    }
}
