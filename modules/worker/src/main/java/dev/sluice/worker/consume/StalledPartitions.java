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
 * Tells of partitions that one job holds up. Offsets can be finished only within a window beyond
 * the oldest unfinished one; once it is full, nothing further of the partition is worked on. Safe
 * for use by many threads, but for {@link #look}.
 */
public final class StalledPartitions {
    private static final Logger log = LoggerFactory.getLogger(StalledPartitions.class);

    /** A window that is this full will be full soon. */
    private static final double FILLING = 0.75;

    /** Calls and their repetitions take no longer as a rule. */
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Supplier<Collection<PartitionAssignment>> assignments;
    private final InstantSource clock;

    /** What was told of already. */
    private final Set<RunningJob> told = new HashSet<>();

    private record Held(PartitionAssignment assignment, double taken, Doing oldest) {}

    /**
     * @param clock steady, whatever is done to the system's
     */
    StalledPartitions(Supplier<Collection<PartitionAssignment>> assignments, InstantSource clock) {
        this.assignments = assignments;
        this.clock = clock;
    }

    /** How much of its window the fullest partition of a model has taken, from 0 to 1. */
    public double taken(String model) {
        return assignments.get().stream()
                .filter(assignment -> assignment.model().equals(model))
                .mapToDouble(PartitionAssignment::taken)
                .max()
                .orElse(0);
    }

    /** Since when the oldest unfinished job of a model has been worked on here, in seconds. */
    public double oldestSeconds(String model) {
        return assignments.get().stream()
                        .filter(assignment -> assignment.model().equals(model))
                        .flatMap(assignment -> assignment.oldest().stream())
                        .mapToLong(oldest -> age(oldest).toMillis())
                        .max()
                        .orElse(0)
                / 1_000.0;
    }

    /** For whoever can mend it: which partitions are held up, by which job, and why. */
    public Optional<String> complaint() {
        List<Held> held = stalled();
        return held.isEmpty()
                ? Optional.empty()
                : Optional.of(held.stream().map(this::text).collect(Collectors.joining("; ")));
    }

    /** Logs each job once that holds a partition up. */
    void look() {
        List<Held> held = stalled();
        told.retainAll(held.stream().map(one -> one.oldest().job()).toList());
        for (Held one : held) {
            if (told.add(one.oldest().job())) {
                log.atWarn()
                        .addKeyValue("requestId", one.oldest().requestId())
                        .addKeyValue("model", one.assignment().model())
                        .addKeyValue("topic", one.assignment().partition().topic())
                        .addKeyValue("partition", one.assignment().partition().partition())
                        .addKeyValue("offset", one.oldest().offset())
                        .addKeyValue("reason", one.oldest().stage().description())
                        .addKeyValue("windowTaken", one.taken())
                        .log(
                                "a job holds up its partition, which stands still when its window is"
                                        + " full");
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
        return "%s is held up by request %s at offset %d, unfinished for %d s: %s; %d %% of the %d"
                        .formatted(
                                held.assignment().partition(),
                                held.oldest().requestId(),
                                held.oldest().offset(),
                                age(held.oldest()).toSeconds(),
                                held.oldest().stage().description(),
                                Math.round(held.taken() * 100),
                                CommitFrontier.WINDOW)
                + " offsets are taken that can be finished before it";
    }

    private Duration age(Doing oldest) {
        Instant now = clock.instant();
        return Duration.between(oldest.since(), now);
    }
}
