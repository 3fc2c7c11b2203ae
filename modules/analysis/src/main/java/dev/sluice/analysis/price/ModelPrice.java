package dev.sluice.analysis.price;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.Optional;

/**
 * Unit prices of one model in USD per million tokens.
 *
 * @param cachedInput equal to {@code input} if the provider gives no discount
 * @param cacheWrite equal to {@code input} if writing to the cache costs nothing extra
 * @param longContext prices of calls with very large input, if the provider has them
 * @param effectiveFrom first day the price holds
 */
public record ModelPrice(
        String modelId,
        BigDecimal input,
        BigDecimal cachedInput,
        BigDecimal cacheWrite,
        BigDecimal output,
        Optional<LongContext> longContext,
        LocalDate effectiveFrom) {

    /**
     * Anthropic's price for writing to a cache that lasts an hour, as a multiple of the input
     * price.
     */
    private static final BigDecimal HOUR_WRITE = BigDecimal.TWO;

    /** Prices of a whole call whose input tokens are above a threshold. */
    public record LongContext(long above, BigDecimal input, BigDecimal output) {}

    /** Cost of a call with this usage, rounded up once, to the ninth decimal. */
    public Cost cost(TokenUsage usage) {
        boolean isLong = longContext.isPresent() && usage.input() > longContext.get().above();
        BigDecimal inputPrice = isLong ? longContext.get().input() : input;
        BigDecimal outputPrice = isLong ? longContext.get().output() : output;
        // Long-context calls have no published cache prices: they are charged as plain input.
        BigDecimal cachedPrice = isLong ? inputPrice : cachedInput;
        BigDecimal writePrice = isLong ? write(inputPrice) : cacheWrite;
        long hour = Math.min(usage.cacheWrite(), usage.cacheWriteHour());
        long plain = Math.max(0, usage.input() - usage.cachedInput() - usage.cacheWrite());
        return Cost.ofMillionths(
                times(plain, inputPrice)
                        .add(times(usage.cachedInput(), cachedPrice))
                        .add(times(usage.cacheWrite() - hour, writePrice))
                        .add(times(hour, hourWrite(inputPrice)))
                        .add(times(usage.output(), outputPrice)));
    }

    /** Upper bound of the cost of a call with at most these tokens. */
    public Cost worstCost(long inputTokens, long outputTokens) {
        BigDecimal inputPrice = input.max(cachedInput).max(cacheWrite);
        BigDecimal outputPrice = output;
        if (longContext.isPresent() && inputTokens > longContext.get().above()) {
            inputPrice = inputPrice.max(write(longContext.get().input()));
            outputPrice = outputPrice.max(longContext.get().output());
        }
        return Cost.ofMillionths(
                times(inputTokens, inputPrice).add(times(outputTokens, outputPrice)));
    }

    /**
     * Price of writing to the cache in a call with this input price, in the same ratio as usual.
     */
    BigDecimal write(BigDecimal inputPrice) {
        if (input.signum() == 0) {
            return inputPrice.max(cacheWrite);
        }
        return inputPrice
                .max(cacheWrite)
                .max(cacheWrite.multiply(inputPrice).divide(input, Cost.SCALE, RoundingMode.UP));
    }

    /** The same for a cache that lasts an hour. */
    BigDecimal hourWrite(BigDecimal inputPrice) {
        return write(inputPrice).max(inputPrice.multiply(HOUR_WRITE));
    }

    private static BigDecimal times(long tokens, BigDecimal perMillion) {
        return perMillion.multiply(BigDecimal.valueOf(tokens));
    }
}
