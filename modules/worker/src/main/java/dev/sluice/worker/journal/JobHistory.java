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
 * What earlier executions of one job have put on record: the calls they made, and in which of them
 * a worker died in the middle of the job. A call that was begun and of which no end is known was
 * lost with its worker. Not safe for use by several threads.
 */
final class JobHistory {
    /** A job in the middle of which so many workers died is suspected to have killed them. */
    private static final int SUSPECT = 2;

    private final Map<String, Entry> byCallId = new LinkedHashMap<>();

    /** Where assignments took the job up that never laid it down, by assignment. */
    private final Map<String, Start> starts = new HashMap<>();

    private Cost cost = Cost.ZERO;

    private record Start(long offset, boolean alone) {}

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
        String assignment = attempt.getAssignment().toString();
        if (attempt.getPhase() == AttemptPhase.JOB_STARTED) {
            starts.put(assignment, new Start(offset, attempt.getAlone()));
        } else if (attempt.getPhase() == AttemptPhase.JOB_STOPPED) {
            starts.remove(assignment);
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
                        starts.values().stream().mapToLong(Start::offset))
                .min();
    }

    /**
     * What company the job may have. The more workers died in the middle of it, the more it is
     * suspected of having killed them, and the fewer others it may take with it.
     */
    IsolationTurns.Group group() {
        Set<String> crashed = new HashSet<>(starts.keySet());
        byCallId.values().stream()
                .filter(Entry::isLost)
                .forEach(entry -> crashed.add(entry.attempt().getAssignment().toString()));
        if (crashed.size() < SUSPECT) {
            return IsolationTurns.Group.ALL;
        }
        return crashed.size() == SUSPECT ? IsolationTurns.Group.FEW : IsolationTurns.Group.ALONE;
    }

    /** Whether a worker died while this job ran alone: it has nobody else to blame. */
    boolean crashedInIsolation() {
        return starts.values().stream().anyMatch(Start::alone)
                || byCallId.values().stream()
                        .anyMatch(entry -> entry.isLost() && entry.attempt().getAlone());
    }
}
