package dev.sluice.worker.journal;

import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Attempt;
import dev.sluice.contract.AttemptPhase;
import dev.sluice.contract.ModelCall;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls that earlier lives of one job have put on record. One that was begun and of which no end is
 * known was lost with its worker. Not safe for use by several threads.
 */
final class EarlierCalls {
    /** A job in the middle of which so many workers died is suspected to have killed them. */
    private static final int SUSPECT = 2;

    private final Map<String, Entry> byCallId = new LinkedHashMap<>();
    private Cost cost = Cost.ZERO;

    /** The latest word on a call, and where its first one is. */
    record Entry(long offset, Attempt attempt) {
        boolean isLost() {
            return attempt.getPhase() == AttemptPhase.STARTED;
        }

        Cost cost() {
            return new Cost(attempt.getCall().getCostUsd());
        }
    }

    void read(long offset, Attempt attempt) {
        String callId = attempt.getCall().getCallId().toString();
        @Nullable Entry before = byCallId.get(callId);
        if (before != null && !before.isLost()) {
            return;
        }
        if (before != null) {
            cost = cost.minus(before.cost());
        }
        if (attempt.getPhase() == AttemptPhase.WITHDRAWN) {
            byCallId.remove(callId);
            return;
        }
        Entry now = new Entry(before == null ? offset : before.offset(), attempt);
        byCallId.put(callId, now);
        cost = cost.plus(now.cost());
    }

    /** As they are booked, in the order in which they were begun. */
    List<ModelCall> rows() {
        return byCallId.values().stream().map(entry -> entry.attempt().getCall()).toList();
    }

    Map<String, Entry> entries() {
        return byCallId;
    }

    int count() {
        return byCallId.size();
    }

    Cost cost() {
        return cost;
    }

    /**
     * What company the job may have. The more workers died in the middle of it, the more it is
     * suspected of having killed them, and the fewer others it may take with it.
     */
    Company.Size company() {
        long lostLives =
                byCallId.values().stream()
                        .filter(Entry::isLost)
                        .map(entry -> entry.attempt().getTenure().toString())
                        .distinct()
                        .count();
        if (lostLives < SUSPECT) {
            return Company.Size.ANY;
        }
        return lostLives == SUSPECT ? Company.Size.FEW : Company.Size.NONE;
    }

    /** Whether a worker died while this job ran alone: it has nobody else to blame. */
    boolean killedAlone() {
        return byCallId.values().stream()
                .anyMatch(entry -> entry.isLost() && entry.attempt().getAlone());
    }
}
