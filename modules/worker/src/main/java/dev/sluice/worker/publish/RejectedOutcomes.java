package dev.sluice.worker.publish;

import dev.sluice.analysis.concurrent.Mutex;
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
 * Outcomes that the brokers {@linkplain BrokerRejection reject}, by topic. They wait here and do
 * not hold up others. From time to time, one outcome of each topic is tried alone; if it is
 * accepted, all outcomes of its topic are tried again. Thread-safe.
 */
final class RejectedOutcomes {
    private final Mutex mutex = new Mutex();
    private final InstantSource clock;
    private final Duration pause;
    private final Map<String, Group> groups = new LinkedHashMap<>();

    private static final class Group {
        private final Deque<CompletedJob> outcomes = new ArrayDeque<>();
        private String reason = "";
        private Instant nextTry = Instant.MIN;
    }

    /**
     * @param clock monotonic: not affected by changes of the system clock
     * @param pause time between two tries of a topic
     */
    RejectedOutcomes(InstantSource clock, Duration pause) {
        this.clock = clock;
        this.pause = pause;
    }

    void add(BrokerRejection rejection, Collection<CompletedJob> rejected) {
        try (var _ = mutex.hold()) {
            Group group = groups.computeIfAbsent(rejection.topic(), topic -> new Group());
            group.outcomes.addAll(rejected);
            group.reason = rejection.reason();
            group.nextTry = clock.instant().plus(pause);
        }
    }

    /** Topics whose next try is due. */
    List<String> due() {
        try (var _ = mutex.hold()) {
            Instant now = clock.instant();
            return groups.entrySet().stream()
                    .filter(entry -> !now.isBefore(entry.getValue().nextTry))
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    /** Removes the outcome that has waited longest for a topic. */
    Optional<CompletedJob> takeOne(String topic) {
        try (var _ = mutex.hold()) {
            Optional<CompletedJob> first =
                    Optional.ofNullable(groups.get(topic))
                            .map(group -> group.outcomes.removeFirst());
            groups.values().removeIf(group -> group.outcomes.isEmpty());
            return first;
        }
    }

    /** Removes all outcomes that wait for a topic. */
    List<CompletedJob> release(String topic) {
        try (var _ = mutex.hold()) {
            Group group = groups.remove(topic);
            return group == null ? List.of() : List.copyOf(group.outcomes);
        }
    }

    /** Removes the outcomes that need not be published any more. */
    List<CompletedJob> removeIf(Predicate<CompletedJob> unwanted) {
        try (var _ = mutex.hold()) {
            List<CompletedJob> removed = new ArrayList<>();
            for (Group group : groups.values()) {
                group.outcomes.removeIf(outcome -> unwanted.test(outcome) && removed.add(outcome));
            }
            groups.values().removeIf(group -> group.outcomes.isEmpty());
            return removed;
        }
    }

    int size() {
        try (var _ = mutex.hold()) {
            return groups.values().stream().mapToInt(group -> group.outcomes.size()).sum();
        }
    }

    /** For operators: how many outcomes wait, for which topics, and why. */
    Optional<String> complaint() {
        try (var _ = mutex.hold()) {
            return groups.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            groups.entrySet().stream()
                                    .map(entry ->
                                            "%d outcomes wait because the brokers reject them on %s: %s"
                                                    .formatted(
                                                            entry.getValue().outcomes.size(),
                                                            entry.getKey(),
                                                            entry.getValue().reason))
                                    .collect(Collectors.joining("; ")));
        }
    }
}
