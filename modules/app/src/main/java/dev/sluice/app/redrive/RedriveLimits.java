package dev.sluice.app.redrive;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/**
 * The limits of a redrive.
 *
 * @param maxCount most requests; the oldest dead letters are taken
 * @param maxUsd most estimated cost, in USD; the oldest dead letters are taken
 * @param maxGeneration highest generation that a request may get. It keeps requests that fail each
 *     time from being redriven for ever
 * @param deadline another deadline from now on, in place of the requests' own
 * @param isRejudge whether the invalid answers of the dead letters are judged again, and no call is
 *     made
 */
public record RedriveLimits(
        Optional<Integer> maxCount,
        Optional<BigDecimal> maxUsd,
        int maxGeneration,
        Optional<Duration> deadline,
        boolean isRejudge) {}
