package dev.sluice.admission.canary;

import dev.sluice.admission.store.StateEntries;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.analysis.definition.Canary;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.TrialOutcome;
import dev.sluice.contract.Validity;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What one admission task has counted of trials, and what the other tasks have published. Each
 * ended job counts once, because the counts are part of the task's state. Tasks publish changed
 * counts twice a second; all of them conclude the state from the published ones, and a state that
 * one has concluded holds for all. Not safe for use by several threads.
 */
public final class TrialBook {
    /** Days after the last change until the counts of a trial that is over are deleted. */
    private static final int KEPT_DAYS = 35;

    private static final int TRIAL_HASH = 8;
    private static final int UNIT_HASH = 12;
    private static final byte NOT_FIRST = 1;
    private static final byte FAILED = 2;

    private final StateEntries store;
    private final Optional<ReadOnlyKeyValueStore<Bytes, byte[]>> published;
    private final Trials trials;
    private final int task;
    private final InstantSource clock;
    private final Map<String, OwnCounts> own = new TreeMap<>();
    private final Set<String> changed = new HashSet<>();

    /** Publishes the counts of a task; a null value deletes them. */
    public interface Out {
        void publish(byte[] key, byte @Nullable [] value);
    }

    /**
     * Opens the counts of this task in the state store.
     *
     * @param published the published counts of all tasks; empty if no canary is configured
     * @param task number of this task
     */
    public TrialBook(
            StateEntries store,
            Optional<ReadOnlyKeyValueStore<Bytes, byte[]>> published,
            Trials trials,
            int task,
            InstantSource clock) {
        this.store = store;
        this.published = published;
        this.trials = trials;
        this.task = task;
        this.clock = clock;
        try (KeyValueIterator<Bytes, byte[]> entries =
                store.range(StoreKeys.from(StoreKeys.TRIAL), StoreKeys.to(StoreKeys.TRIAL))) {
            entries.forEachRemaining(entry -> own.put(trial(entry.key), OwnCounts.of(entry.value)));
        }
        changed.addAll(own.keySet());
        Map<String, TrialCounts> sums = sums();
        trials.all().forEach(trial -> trials.restored(trial, sum(trial, sums).state()));
    }

    /** Whether a record of the topic of trials is one that a task has published. */
    public static boolean isPublished(@Nullable Bytes key, byte @Nullable [] value) {
        return key != null
                && key.get().length > Integer.BYTES
                && (value == null || TrialCounts.published(key.get(), value).isPresent());
    }

    /** The number of the cohort to which jobs belong that are admitted now. */
    public long cohort() {
        return Cohort.number(clock.instant());
    }

    /** Counts a request that becomes a job of a cohort. */
    public void admitted(TrialShare share, long cohort) {
        String trial = share.trial().id();
        OwnCounts counts = counts(trial);
        counts.admitted(cohort, share.isCanary(), clock.instant());
        put(trial, counts);
    }

    /** Counts a job that has ended, if it counts for a trial of this process. */
    public void ended(Settlement settlement) {
        TrialOutcome outcome = settlement.getTrial();
        if (outcome == null || settlement.getLateCallId() != null) {
            return;
        }
        trials.find(outcome.getTrial().toString())
                .ifPresent(trial -> ended(trial, outcome, settlement));
    }

    private void ended(Trial trial, TrialOutcome outcome, Settlement settlement) {
        Validity validity = outcome.getValidity();
        boolean isCanary = outcome.getIsCanary();
        int fresh = fresh(trial, validity, settlement);
        OwnCounts counts = counts(trial.id());
        counts.ended(
                outcome.getCohort(), isCanary, (fresh & NOT_FIRST) != 0, (fresh & FAILED) != 0);
        if (validity != Validity.UNKNOWN) {
            counts.judged(
                    isCanary,
                    validity,
                    new Cost(settlement.getSpentUsd())
                            .plus(new Cost(settlement.getUnconfirmedUsd())),
                    Duration.ofMillis(Math.max(0, outcome.getCallMillis())),
                    clock.instant());
        }
        put(trial.id(), counts);
    }

    /**
     * The failures of a job that are the first of its request or user, whichever is drawn. All jobs
     * of the same have the same version, so only the first failure is by chance.
     */
    private int fresh(Trial trial, Validity validity, Settlement settlement) {
        int failures =
                switch (validity) {
                    case UNKNOWN, FIRST -> 0;
                    case REPAIRED -> NOT_FIRST;
                    case FAILED -> NOT_FIRST | FAILED;
                };
        if (failures == 0) {
            return 0;
        }
        String user = settlement.getUserId().toString();
        String unit =
                trial.canary().unit() == Canary.Unit.USER
                        ? user
                        : user + "\0" + settlement.getRequestId();
        Bytes mark = mark(trial.id(), unit);
        byte[] known = store.get(mark);
        int before = known == null ? 0 : known[0];
        store.put(mark, new byte[] {(byte) (before | failures)});
        return failures & ~before;
    }

    /** Concludes the states of the trials, and publishes what has changed. */
    public void exchange(Out out) {
        Instant now = clock.instant();
        own.forEach((trial, counts) -> {
            if (counts.close(now)) {
                put(trial, counts);
            }
        });
        conclude(now);
        forget(now, out);
        for (String trial : changed) {
            out.publish(TrialCounts.publishedKey(task, trial), counts(trial).counts().bytes());
        }
        changed.clear();
    }

    private void conclude(Instant now) {
        Map<String, TrialCounts> sums = sums();
        for (Trial trial : trials.all()) {
            TrialCounts sum = sum(trial, sums);
            TrialState state = sum.concluded(trial.share());
            trials.reached(trial, state, sum);
            OwnCounts counts = counts(trial.id());
            if (counts.counts().state().compareTo(state) < 0) {
                counts.reached(state, now);
                put(trial.id(), counts);
            }
        }
    }

    /** The published counts of all tasks; what this one has not published yet comes later. */
    private TrialCounts sum(Trial trial, Map<String, TrialCounts> sums) {
        return Optional.ofNullable(sums.get(trial.id()))
                .orElseGet(() -> counts(trial.id()).counts());
    }

    private Map<String, TrialCounts> sums() {
        Map<String, TrialCounts> sums = new HashMap<>();
        published.ifPresent(all -> {
            try (KeyValueIterator<Bytes, byte[]> entries = all.all()) {
                while (entries.hasNext()) {
                    KeyValue<Bytes, byte[]> entry = entries.next();
                    TrialCounts.published(entry.key.get(), entry.value)
                            .ifPresent(one ->
                                    sums.merge(one.trial(), one.counts(), TrialCounts::plus));
                }
            }
        });
        return sums;
    }

    /** Deletes what is known of trials that have been over for long. */
    private void forget(Instant now, Out out) {
        LocalDate oldest = LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(KEPT_DAYS);
        for (String trial : List.copyOf(own.keySet())) {
            if (counts(trial).counts().changed().isBefore(oldest) && trials.find(trial).isEmpty()) {
                own.remove(trial);
                changed.remove(trial);
                store.remove(key(trial));
                marks(trial).forEach(store::remove);
                out.publish(TrialCounts.publishedKey(task, trial), null);
            }
        }
    }

    private List<Bytes> marks(String trial) {
        byte[] hash = Trial.digest(trial, "");
        List<Bytes> marks = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> found =
                store.range(mark(hash, (byte) 0), mark(hash, (byte) 0xff))) {
            found.forEachRemaining(entry -> marks.add(entry.key));
        }
        return marks;
    }

    private OwnCounts counts(String trial) {
        return own.computeIfAbsent(trial, _ -> OwnCounts.none());
    }

    private void put(String trial, OwnCounts counts) {
        changed.add(trial);
        store.put(key(trial), counts.bytes());
    }

    private static String trial(Bytes key) {
        byte[] bytes = key.get();
        return new String(bytes, 1, bytes.length - 1, StandardCharsets.UTF_8);
    }

    private static Bytes key(String trial) {
        byte[] id = StoreKeys.utf8(trial);
        return Bytes.wrap(ByteBuffer.allocate(1 + id.length).put(StoreKeys.TRIAL).put(id).array());
    }

    /** A hash stands for the unit, because the mark outlives the user's other entries. */
    private static Bytes mark(String trial, String unit) {
        return Bytes.wrap(
                ByteBuffer.allocate(1 + TRIAL_HASH + UNIT_HASH)
                        .put(StoreKeys.TRIAL_UNIT)
                        .put(Trial.digest(trial, ""), 0, TRIAL_HASH)
                        .put(Trial.digest(trial, unit), 0, UNIT_HASH)
                        .array());
    }

    /** A bound of the marks of a trial. */
    private static Bytes mark(byte[] trialHash, byte fill) {
        ByteBuffer bound =
                ByteBuffer.allocate(1 + TRIAL_HASH + UNIT_HASH)
                        .put(StoreKeys.TRIAL_UNIT)
                        .put(trialHash, 0, TRIAL_HASH);
        while (bound.hasRemaining()) {
            bound.put(fill);
        }
        return Bytes.wrap(bound.array());
    }
}
