package dev.sluice.worker.consume;

import dev.sluice.worker.consume.RunningJob.Doing;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds stalled partitions: those held up by one job. An offset can be finished only within a
 * window beyond the oldest unfinished one. Once the window is full, no further job of the partition
 * starts. Thread-safe, except {@link #logNew}.
 */
public final class StalledPartitions {
    private static final Logger log = LoggerFactory.getLogger(StalledPartitions.class);

    /** A partition counts as stalled from this share of its window on. */
    private static final double FILLING = 0.75;

    /**
     * A partition counts as stalled once its oldest job has been unfinished for this long. Calls
     * and their retries usually take less.
     */
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Supplier<Collection<PartitionAssignment>> assignments;
    private final InstantSource clock;

    /** Jobs that were logged already. */
    private final Set<RunningJob> logged = new HashSet<>();

    private record Held(PartitionAssignment assignment, double taken, Doing oldest) {}

    /**
     * @param clock monotonic: not affected by changes of the system clock
     */
    StalledPartitions(Supplier<Collection<PartitionAssignment>> assignments, InstantSource clock) {
        this.assignments = assignments;
        this.clock = clock;
    }

    /** The used share of the window of a model's fullest partition, from 0 to 1. */
    public double taken(String model) {
        return assignments.get().stream()
                .filter(assignment -> assignment.model().equals(model))
                .mapToDouble(PartitionAssignment::taken)
                .max()
                .orElse(0);
    }

    /** Whether one of the partitions has no room in its window. */
    public boolean isFull(JobSource source) {
        return assignments.get().stream()
                .anyMatch(
                        assignment -> assignment.source().equals(source) && !assignment.hasRoom());
    }

    /** Age in seconds of the model's oldest unfinished job in this worker. */
    public double oldestSeconds(String model) {
        return assignments.get().stream()
                        .filter(assignment -> assignment.model().equals(model))
                        .flatMap(assignment -> assignment.oldest().stream())
                        .mapToLong(oldest -> age(oldest).toMillis())
                        .max()
                        .orElse(0)
                / 1_000.0;
    }

    /** For operators: the stalled partitions, the job that holds up each, and the reason. */
    public Optional<String> complaint() {
        List<Held> held = stalled();
        return held.isEmpty()
                ? Optional.empty()
                : Optional.of(held.stream().map(this::text).collect(Collectors.joining("; ")));
    }

    /** Logs each job that holds up a partition, once. */
    void logNew() {
        List<Held> held = stalled();
        logged.retainAll(held.stream().map(one -> one.oldest().job()).toList());
        for (Held one : held) {
            if (logged.add(one.oldest().job())) {
                log.atWarn()
                        .addKeyValue("requestId", one.oldest().requestId())
                        .addKeyValue("model", one.assignment().model())
                        .addKeyValue("topic", one.assignment().partition().topic())
                        .addKeyValue("partition", one.assignment().partition().partition())
                        .addKeyValue("offset", one.oldest().offset())
                        .addKeyValue("reason", one.oldest().stage().description())
                        .addKeyValue("windowTaken", one.taken())
                        .log(
                                "a job holds up its partition; no further jobs of it start once"
                                        + " its window is full");
            }
        }
    }

    private List<Held> stalled() {
        return assignments.get().stream().flatMap(assignment -> held(assignment).stream()).toList();
    }

    private Optional<Held> held(PartitionAssignment assignment) {
        double taken = assignment.taken();
        return assignment
                .oldest()
                .filter(oldest -> taken >= FILLING && age(oldest).compareTo(LONG) >= 0)
                .map(oldest -> new Held(assignment, taken, oldest));
    }

    private String text(Held held) {
        return "%s is held up by the job at offset %d, unfinished for %d s: %s; %d %% of the %d"
                        .formatted(
                                held.assignment().partition(),
                                held.oldest().offset(),
                                age(held.oldest()).toSeconds(),
                                held.oldest().stage().description(),
                                Math.round(held.taken() * 100),
                                CommitFrontier.WINDOW)
                + " offsets that may run ahead of it are used";
    }

    private Duration age(Doing oldest) {
        Instant now = clock.instant();
        return Duration.between(oldest.since(), now);
    }
}
