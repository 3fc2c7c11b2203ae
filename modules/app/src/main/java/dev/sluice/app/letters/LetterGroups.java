package dev.sluice.app.letters;

import dev.sluice.contract.DeadLetter;
import java.math.BigDecimal;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Counts dead letters, and what they cost, by one or several properties. */
public final class LetterGroups {
    private static final String NONE = "-";
    private static final String OTHERS = "(others)";

    /** Requesters choose names, so there can be any number of them. */
    private static final int MOST = 10_000;

    private final List<By> by;
    private final Map<List<String>, Group> groups = new HashMap<>();

    /** A property to group by. */
    public enum By {
        REASON,
        KIND,
        ANALYSIS,
        VERSION,
        MODEL,
        USER,
        STAGE,
        HOUR;

        private String of(DeadLetter letter) {
            return switch (this) {
                case REASON -> letter.getReason().name();
                case KIND -> letter.getKind().name();
                case ANALYSIS -> orNone(letter.getAnalysis());
                case VERSION -> orNone(letter.getAnalysisVersion());
                case MODEL -> orNone(letter.getModel());
                case USER -> orNone(letter.getUserId());
                case STAGE -> letter.getStage().name();
                case HOUR -> letter.getFailedAt().truncatedTo(ChronoUnit.HOURS).toString();
            };
        }
    }

    /**
     * A group.
     *
     * @param values its value of each property, in the order of the properties
     * @param costUsd what the calls cost and may have cost
     */
    public record Group(List<String> values, long count, BigDecimal costUsd) {
        private Group plus(BigDecimal cost) {
            return new Group(values, count + 1, costUsd.add(cost));
        }
    }

    public LetterGroups(List<By> by) {
        this.by = List.copyOf(by);
    }

    /** Counts a dead letter. */
    public void add(StoredLetter stored) {
        List<String> values = by.stream().map(one -> one.of(stored.letter())).toList();
        if (groups.size() >= MOST && !groups.containsKey(values)) {
            values = by.stream().map(_ -> OTHERS).toList();
        }
        add(values, stored);
    }

    private void add(List<String> values, StoredLetter stored) {
        groups.merge(
                values,
                new Group(values, 1, stored.costUsd()),
                (group, one) -> group.plus(one.costUsd()));
    }

    /** The groups, the largest first. */
    public List<Group> largestFirst() {
        List<Group> sorted = new ArrayList<>(groups.values());
        sorted.sort(
                Comparator.comparingLong(Group::count)
                        .reversed()
                        .thenComparing(group -> group.values().toString()));
        return sorted;
    }

    private static String orNone(@Nullable CharSequence field) {
        return Optional.ofNullable(field)
                .map(CharSequence::toString)
                .filter(text -> !text.isEmpty())
                .map(ShortText::of)
                .orElse(NONE);
    }
}
