package dev.sluice.admission.canary;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.common.utils.ByteUtils;

/**
 * Durations counted in buckets, each 20 % longer than the one before, from 50 ms to 46 minutes.
 * Immutable.
 */
public record TimeCounts(List<Long> counts) {
    static final int BUCKETS = 60;
    private static final double FIRST_MILLIS = 50;
    private static final double GROWTH = 1.2;

    static final TimeCounts NONE = new TimeCounts(Collections.nCopies(BUCKETS, 0L));

    public TimeCounts {
        counts = List.copyOf(counts);
    }

    TimeCounts plus(TimeCounts other) {
        List<Long> sums = new ArrayList<>(BUCKETS);
        for (int i = 0; i < BUCKETS; i++) {
            sums.add(counts.get(i) + other.counts.get(i));
        }
        return new TimeCounts(sums);
    }

    TimeCounts plus(Duration time) {
        double above = Math.log(Math.max(1, time.toMillis()) / FIRST_MILLIS) / Math.log(GROWTH);
        int bucket = Math.clamp((long) Math.ceil(above), 0, BUCKETS - 1);
        List<Long> more = new ArrayList<>(counts);
        more.set(bucket, counts.get(bucket) + 1);
        return new TimeCounts(more);
    }

    /**
     * The duration that a share of the counted ones do not exceed, at most 20 % too long; zero if
     * none is counted.
     *
     * @param share from 0 to 1; 0.5 for the median
     */
    public Duration quantile(double share) {
        long all = counts.stream().mapToLong(Long::longValue).sum();
        long seen = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            seen += counts.get(bucket);
            if (all > 0 && seen >= share * all) {
                return Duration.ofMillis(Math.round(FIRST_MILLIS * Math.pow(GROWTH, bucket)));
            }
        }
        return Duration.ZERO;
    }

    void writeTo(ByteBuffer out) {
        counts.forEach(count -> ByteUtils.writeVarlong(count, out));
    }

    static TimeCounts of(ByteBuffer in) {
        List<Long> counts = new ArrayList<>(BUCKETS);
        for (int i = 0; i < BUCKETS; i++) {
            counts.add(VersionCounts.number(in));
        }
        return new TimeCounts(counts);
    }
}
