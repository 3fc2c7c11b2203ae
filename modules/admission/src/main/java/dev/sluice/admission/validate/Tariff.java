package dev.sluice.admission.validate;

import dev.sluice.admission.ledger.CostEstimate;
import dev.sluice.analysis.CapEstimate;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.contract.ModelPrice;
import dev.sluice.runtime.outcome.ContractPrices;
import java.time.LocalDate;
import java.util.List;

/** The prices of an analysis's models on one day, and the worst-case cost of its jobs. */
public final class Tariff {
    private final LocalDate day;
    private final CapEstimate estimate;
    private final List<dev.sluice.analysis.price.ModelPrice> prices;
    private final List<ModelPrice> forJobs;

    Tariff(LocalDate day, CapEstimate estimate, List<dev.sluice.analysis.price.ModelPrice> prices) {
        this.day = day;
        this.estimate = estimate;
        this.prices = List.copyOf(prices);
        this.forJobs = prices.stream().map(ContractPrices::toContract).toList();
    }

    public LocalDate day() {
        return day;
    }

    /** The prices in the form in which jobs carry them. */
    public List<ModelPrice> forJobs() {
        return forJobs;
    }

    /** The worst-case cost of a job with content of this size. */
    CostEstimate need(ContentSize content) {
        return new CostEstimate(estimate.oneCall(content, prices), estimate.cap(content, prices));
    }
}
