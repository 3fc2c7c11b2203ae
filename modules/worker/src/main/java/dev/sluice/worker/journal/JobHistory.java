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
 * The earlier executions of one job, as the journal recorded them: the calls they made, and which
 * of them ended in a crash.
 *
 * <p>An execution is one run of the job in one assignment. A call with a start but no end in the
 * journal was lost in a crash. An execution crashed if one of its calls was lost, or if its start
 * is recorded without a stop.
 *
 * <p>A job is a suspect if at least two of its executions crashed: it may have caused the crashes.
 * After two crashes it runs with few other suspects ({@link IsolationTurns.Group#FEW}), after more
 * than two it runs alone ({@link IsolationTurns.Group#ALONE}).
 *
 * <p>Not thread-safe.
 */
final class JobHistory {
    /** A job is a suspect from this many crashed executions on. */
    private static final int SUSPECT = 2;

    private final Map<String, Entry> byCallId = new LinkedHashMap<>();

    /** Recorded starts without a stop, by assignment. */
    private final Map<String, Start> starts = new HashMap<>();

    private Cost cost = Cost.ZERO;

    private record Start(long offset, boolean alone) {}

    /** The latest entry of a call, with the offset of its first entry. */
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

    /** Rows of the calls, in the order in which they began. */
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

    /** Offset of the first entry that is still needed. */
    OptionalLong first() {
        return LongStream.concat(
                        byCallId.values().stream().mapToLong(Entry::offset),
                        starts.values().stream().mapToLong(Start::offset))
                .min();
    }

    /**
     * The group in which the job runs. The more executions crashed, the fewer jobs run beside it.
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

    /** Whether a worker crashed while this job ran alone, so that no other job can be the cause. */
    boolean crashedInIsolation() {
        return starts.values().stream().anyMatch(Start::alone)
                || byCallId.values().stream()
                        .anyMatch(entry -> entry.isLost() && entry.attempt().getAlone());
    }
}
