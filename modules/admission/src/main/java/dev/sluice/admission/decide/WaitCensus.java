package dev.sluice.admission.decide;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Counts the waiting requests of one task while the sweep for deadlines visits them. Each complete
 * round is reported. Not safe for use by several threads.
 */
public final class WaitCensus {
    private final Consumer<Map<WaitReason, Count>> report;
    private Map<WaitReason, Count> counts = new EnumMap<>(WaitReason.class);

    /**
     * The waiting requests of one reason.
     *
     * @param oldest since when the oldest waits, in milliseconds since 1970
     */
    public record Count(long requests, long oldest) {
        Count plus(Count other) {
            return new Count(requests + other.requests, Math.min(oldest, other.oldest));
        }
    }

    /**
     * @param report receives the counts of each round; reasons without requests are missing
     */
    public WaitCensus(Consumer<Map<WaitReason, Count>> report) {
        this.report = report;
    }

    /**
     * Counts a request.
     *
     * @param since since when it waits, in milliseconds since 1970
     */
    void visit(WaitReason reason, long since) {
        counts.merge(reason, new Count(1, since), Count::plus);
    }

    /** Reports the counts, and begins a new round. */
    void complete() {
        report.accept(counts);
        counts = new EnumMap<>(WaitReason.class);
    }
}
