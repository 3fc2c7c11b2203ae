package dev.sluice.runtime.outcome;

import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.Optional;

/**
 * Converts prices between the price table and the reservation of a job, in which admission passes
 * them to workers.
 */
public final class ContractPrices {
    private ContractPrices() {}

    public static dev.sluice.contract.ModelPrice toContract(ModelPrice price) {
        dev.sluice.contract.ModelPrice.Builder contract =
                dev.sluice.contract.ModelPrice.newBuilder()
                        .setModelId(price.modelId())
                        .setInput(scaled(price.input()))
                        .setCachedInput(scaled(price.cachedInput()))
                        .setCacheWrite(scaled(price.cacheWrite()))
                        .setOutput(scaled(price.output()))
                        .setEffectiveFrom(price.effectiveFrom());
        price.longContext()
                .ifPresent(longContext ->
                        contract.setLongContextFrom(longContext.above())
                                .setLongContextInput(scaled(longContext.input()))
                                .setLongContextOutput(scaled(longContext.output())));
        return contract.build();
    }

    public static ModelPrice fromContract(dev.sluice.contract.ModelPrice contract) {
        Optional<ModelPrice.LongContext> longContext =
                contract.getLongContextFrom() == null
                                || contract.getLongContextInput() == null
                                || contract.getLongContextOutput() == null
                        ? Optional.empty()
                        : Optional.of(
                                new ModelPrice.LongContext(
                                        contract.getLongContextFrom(),
                                        contract.getLongContextInput(),
                                        contract.getLongContextOutput()));
        LocalDate from = contract.getEffectiveFrom();
        return new ModelPrice(
                contract.getModelId().toString(),
                contract.getInput(),
                contract.getCachedInput(),
                contract.getCacheWrite(),
                contract.getOutput(),
                longContext,
                from == null ? LocalDate.EPOCH : from);
    }

    private static BigDecimal scaled(BigDecimal price) {
        return price.setScale(Cost.SCALE, RoundingMode.UNNECESSARY);
    }
}
