package dev.sluice.worker.journal;

import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Attempt;
import dev.sluice.contract.AttemptPhase;
import dev.sluice.contract.ModelCall;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What earlier lives of one job have put on record: the calls they made, and in which of them a
 * worker died in the middle of the job. A call that was begun and of which no end is known was lost
 * with its worker. Not safe for use by several threads.
 */
final class EarlierLives {
    /** A job in the middle of which so many workers died is suspected to have killed them. */
    private static final int SUSPECT = 2;

    private final Map<String, Entry> byCallId = new LinkedHashMap<>();

    /** Where tenures took the job up that never laid it down, by tenure. */
    private final Map<String, TakenUp> takenUp = new HashMap<>();

    private Cost cost = Cost.ZERO;

    private record TakenUp(long offset, boolean alone) {}

    /** The latest word on a call, and where its first one is. */
    record Entry(long offset, Attempt attempt, ModelCall call) {
        boolean isLost() {
            return attempt.getPhase() == AttemptPhase.STARTED;
        }

        Cost cost() {
            return new Cost(call.getCostUsd());
        }
    }

    void read(long offset, Attempt attempt) {
        @Nullable ModelCall call = attempt.getCall();
        if (call != null) {
            readCall(offset, attempt, call);
            return;
        }
        String tenure = attempt.getTenure().toString();
        if (attempt.getPhase() == AttemptPhase.TAKEN_UP) {
            takenUp.put(tenure, new TakenUp(offset, attempt.getAlone()));
        } else if (attempt.getPhase() == AttemptPhase.LAID_DOWN) {
            takenUp.remove(tenure);
        }
    }

    private void readCall(long offset, Attempt attempt, ModelCall call) {
        String callId = call.getCallId().toString();
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
        Entry now = new Entry(before == null ? offset : before.offset(), attempt, call);
        byCallId.put(callId, now);
        cost = cost.plus(now.cost());
    }

    /** Calls as they are booked, in the order in which they were begun. */
    List<ModelCall> rows() {
        return byCallId.values().stream().map(Entry::call).toList();
    }

    /** Calls by id. */
    Map<String, Entry> calls() {
        return byCallId;
    }

    int count() {
        return byCallId.size();
    }

    Cost cost() {
        return cost;
    }

    /** Where the first entry is that still says something. */
    OptionalLong first() {
        return LongStream.concat(
                        byCallId.values().stream().mapToLong(Entry::offset),
                        takenUp.values().stream().mapToLong(TakenUp::offset))
                .min();
    }

    /**
     * What company the job may have. The more workers died in the middle of it, the more it is
     * suspected of having killed them, and the fewer others it may take with it.
     */
    Company.Size company() {
        Set<String> lostLives = new HashSet<>(takenUp.keySet());
        byCallId.values().stream()
                .filter(Entry::isLost)
                .forEach(entry -> lostLives.add(entry.attempt().getTenure().toString()));
        if (lostLives.size() < SUSPECT) {
            return Company.Size.ANY;
        }
        return lostLives.size() == SUSPECT ? Company.Size.FEW : Company.Size.NONE;
    }

    /** Whether a worker died while this job ran alone: it has nobody else to blame. */
    boolean killedAlone() {
        return takenUp.values().stream().anyMatch(TakenUp::alone)
                || byCallId.values().stream()
                        .anyMatch(entry -> entry.isLost() && entry.attempt().getAlone());
    }
}
