package dev.sluice.worker.publish;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Outcomes that the brokers {@linkplain BrokerRejection refuse}, by topic. They wait here so that
 * others need not; now and then one of each topic is tried alone, and when it is taken, all of its
 * topic are tried again. Safe for use by many threads.
 */
final class RejectedOutcomes {
    private final InstantSource clock;
    private final Duration pause;
    private final Map<String, Group> groups = new LinkedHashMap<>();

    private static final class Group {
        private final Deque<CompletedJob> outcomes = new ArrayDeque<>();
        private String reason = "";
        private Instant nextTry = Instant.MIN;
    }

    /**
     * @param clock steady, whatever is done to the system's
     * @param pause time between two tries of a topic
     */
    RejectedOutcomes(InstantSource clock, Duration pause) {
        this.clock = clock;
        this.pause = pause;
    }

    synchronized void add(BrokerRejection refusal, Collection<CompletedJob> refused) {
        Group group = groups.computeIfAbsent(refusal.topic(), topic -> new Group());
        group.outcomes.addAll(refused);
        group.reason = refusal.reason();
        group.nextTry = clock.instant().plus(pause);
    }

    /** Topics of which one outcome is due to be tried. */
    synchronized List<String> due() {
        Instant now = clock.instant();
        return groups.entrySet().stream()
                .filter(entry -> !now.isBefore(entry.getValue().nextTry))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Takes out the outcome that has waited longest for a topic. */
    synchronized Optional<CompletedJob> takeOne(String topic) {
        Optional<CompletedJob> first =
                Optional.ofNullable(groups.get(topic)).map(group -> group.outcomes.removeFirst());
        groups.values().removeIf(group -> group.outcomes.isEmpty());
        return first;
    }

    /** Takes out all that wait for a topic. */
    synchronized List<CompletedJob> release(String topic) {
        Group group = groups.remove(topic);
        return group == null ? List.of() : List.copyOf(group.outcomes);
    }

    /** Takes out what need not be published any more. */
    synchronized List<CompletedJob> removeIf(Predicate<CompletedJob> unwanted) {
        List<CompletedJob> removed = new ArrayList<>();
        for (Group group : groups.values()) {
            group.outcomes.removeIf(outcome -> unwanted.test(outcome) && removed.add(outcome));
        }
        groups.values().removeIf(group -> group.outcomes.isEmpty());
        return removed;
    }

    synchronized int size() {
        return groups.values().stream().mapToInt(group -> group.outcomes.size()).sum();
    }

    /** For whoever can mend it: how many wait, for which topics, and why. */
    synchronized Optional<String> complaint() {
        return groups.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        groups.entrySet().stream()
                                .map(entry ->
                                        "%d outcomes wait, for the brokers refuse to take them on %s: %s"
                                                .formatted(
                                                        entry.getValue().outcomes.size(),
                                                        entry.getKey(),
                                                        entry.getValue().reason))
                                .collect(Collectors.joining("; ")));
    }
}
