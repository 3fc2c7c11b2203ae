package dev.sluice.app.calls;

import dev.sluice.contract.CallStatus;
import dev.sluice.contract.ModelCall;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adds up calls by one or several properties. */
public final class CallGroups {
    private static final String NONE = "-";

    private final List<By> by;
    private final Map<List<String>, Group> groups = new HashMap<>();

    /** A property to group by. */
    public enum By {
        USER,
        ANALYSIS,
        VERSION,
        MODEL,
        PROVIDER,
        DAY,
        STATUS,
        PURPOSE,
        RUN,
        REQUEST;

        private String of(ModelCall call) {
            return switch (this) {
                case USER -> orNone(call.getUserId());
                case ANALYSIS -> orNone(call.getAnalysis());
                case VERSION -> orNone(call.getAnalysisVersion());
                case MODEL -> orNone(call.getModel());
                case PROVIDER -> orNone(call.getProvider());
                case DAY -> call.getDay().toString();
                case STATUS -> call.getStatus().name();
                case PURPOSE -> call.getPurpose().name();
                case RUN -> orNone(call.getRunId());
                case REQUEST -> orNone(call.getRequestId());
            };
        }
    }

    /**
     * What calls cost.
     *
     * @param values the group's value of each property, in the order of the properties
     * @param costUsd of confirmed calls
     * @param unconfirmedUsd the most that calls with an unknown end can have cost
     */
    public record Group(
            List<String> values,
            long calls,
            long inputTokens,
            long outputTokens,
            BigDecimal costUsd,
            BigDecimal unconfirmedUsd) {
        private static Group of(List<String> values, ModelCall call) {
            boolean isConfirmed = call.getStatus() != CallStatus.UNCONFIRMED;
            return new Group(
                    values,
                    1,
                    call.getUsage().getInputTokens(),
                    call.getUsage().getOutputTokens(),
                    isConfirmed ? call.getCostUsd() : BigDecimal.ZERO,
                    isConfirmed ? BigDecimal.ZERO : call.getCostUsd());
        }

        private Group plus(Group other) {
            return new Group(
                    values,
                    calls + other.calls,
                    inputTokens + other.inputTokens,
                    outputTokens + other.outputTokens,
                    costUsd.add(other.costUsd),
                    unconfirmedUsd.add(other.unconfirmedUsd));
        }
    }

    public CallGroups(List<By> by) {
        this.by = List.copyOf(by);
    }

    /** Adds a call. */
    public void add(ModelCall call) {
        List<String> values = by.stream().map(one -> one.of(call)).toList();
        groups.merge(values, Group.of(values, call), Group::plus);
    }

    /** The groups, the most expensive first. */
    public List<Group> mostExpensiveFirst() {
        List<Group> sorted = new ArrayList<>(groups.values());
        sorted.sort(
                Comparator.comparing((Group group) -> group.costUsd().add(group.unconfirmedUsd()))
                        .reversed()
                        .thenComparing(group -> group.values().toString()));
        return sorted;
    }

    /** The sum of all groups, without values. */
    public Group sum() {
        Group none = new Group(List.of(), 0, 0, 0, BigDecimal.ZERO, BigDecimal.ZERO);
        return groups.values().stream().reduce(none, Group::plus);
    }

    private static String orNone(@Nullable CharSequence field) {
        return field == null || field.isEmpty() ? NONE : field.toString();
    }
}
