package dev.sluice.worker.journal;

import dev.sluice.analysis.concurrent.Mutex;
import dev.sluice.contract.Attempt;
import dev.sluice.contract.AttemptPhase;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Priority;
import dev.sluice.worker.journal.JobHistory.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.stream.LongStream;

/**
 * The journal entries of one assignment's jobs: calls that earlier executions of unfinished jobs
 * began, and late calls. A late call is one whose entry was found after its job was finished. The
 * partition is read from the floor in the last commit and then followed for as long as the
 * assignment lasts, because a predecessor that only stalled may still write. Thread-safe.
 */
public final class AssignmentJournal {
    /**
     * A commit without outcomes is due when the floor has moved by this many entries, so that they
     * can be deleted.
     */
    private static final int ENTRIES_PER_COMMIT = 10_000;

    private final Mutex mutex = new Mutex();
    private final Condition progress = mutex.condition();
    private final UUID assignment;
    private final Priority priority;
    private final Optional<JournalMarks> inherited;
    private final Jobs jobs;
    private final Map<Long, JobHistory> earlier = new HashMap<>();

    /** Late calls that are not booked yet, by id. */
    private final Map<String, Entry> late = new LinkedHashMap<>();

    /**
     * Ids of earlier executions' calls that are booked, or that an outcome carries and will book.
     */
    private final Set<String> booked = new HashSet<>();

    /**
     * Jobs that began calls in this assignment, each with the read position at that time; their
     * entries are at or beyond it. In ascending order of position.
     */
    private final LinkedHashMap<Long, Long> begun = new LinkedHashMap<>();

    /** Every entry below this offset was read. */
    private long position;

    /** End of the partition when the assignment began; empty until it is known. */
    private OptionalLong end = OptionalLong.empty();

    private long committedFloor = -1;

    /**
     * The start of jobs below this offset is recorded in the journal, because one of them may have
     * crashed the worker of an earlier assignment.
     */
    private final long recordStartsBelow;

    /** Whether the next assignment would see a clean end in the current commit. */
    private boolean committedInOrder;

    /** The state of the assignment and its jobs. */
    public interface Jobs {
        boolean isFinished(long offset);

        boolean isLive();

        /** Whether the assignment is about to end cleanly. */
        boolean isClosing();
    }

    /**
     * What a transaction adds to its outcomes: late calls, which it publishes, and marks, which it
     * commits.
     */
    public record Entries(List<ModelCall> late, JournalMarks marks) {
        public Entries {
            late = List.copyOf(late);
        }
    }

    /**
     * @param inherited the marks of the last commit, if it had any
     * @param windowEnd no earlier assignment has processed a job at or beyond this offset
     */
    public AssignmentJournal(
            UUID assignment,
            Priority priority,
            Optional<JournalMarks> inherited,
            long windowEnd,
            Jobs jobs) {
        this.assignment = assignment;
        this.priority = priority;
        this.inherited = inherited;
        this.jobs = jobs;
        this.position = inherited.map(JournalMarks::floor).orElse(0L);
        inherited.ifPresent(marks -> committedFloor = marks.floor());
        boolean inOrder = inherited.map(JournalMarks::inOrder).orElse(true);
        this.recordStartsBelow = inOrder ? 0 : windowEnd;
        this.committedInOrder = inOrder;
    }

    UUID assignment() {
        return assignment;
    }

    Priority priority() {
        return priority;
    }

    boolean isLive() {
        return jobs.isLive();
    }

    /**
     * Sets the bounds of the journal's partition at the beginning of the assignment.
     *
     * @return the offset at which reading begins
     */
    long bounds(long first, long next) {
        try (var _ = mutex.hold()) {
            position = Math.clamp(position, first, next);
            end = OptionalLong.of(next);
            progress.signalAll();
            return position;
        }
    }

    long position() {
        try (var _ = mutex.hold()) {
            return position;
        }
    }

    /** Reads one entry that another assignment wrote. */
    void read(long offset, Attempt attempt) {
        try (var _ = mutex.hold()) {
            if (offset < position) {
                return;
            }
            if (attempt.getPriority() == priority) {
                readOwn(offset, attempt);
            }
            reached(offset + 1);
        }
    }

    private void readOwn(long offset, Attempt attempt) {
        if (!jobs.isFinished(attempt.getJobOffset())) {
            earlier.computeIfAbsent(attempt.getJobOffset(), key -> new JobHistory())
                    .read(offset, attempt);
        } else if (attempt.getCall() != null) {
            readLate(offset, attempt, attempt.getCall());
        }
    }

    private void readLate(long offset, Attempt attempt, ModelCall call) {
        String callId = call.getCallId().toString();
        if (late.containsKey(callId)) {
            late.computeIfPresent(
                    callId,
                    (key, before) ->
                            attempt.getPhase() == AttemptPhase.WITHDRAWN
                                    ? null
                                    : new Entry(before.offset(), attempt, call));
        } else if (attempt.getPhase() == AttemptPhase.STARTED
                && !booked.contains(callId)
                && !wasBookedBefore(offset, attempt)) {
            late.put(callId, new Entry(offset, attempt, call));
        }
    }

    /** Whether a call of a finished job was booked before this assignment began. */
    private boolean wasBookedBefore(long offset, Attempt attempt) {
        if (offset >= end.orElse(0)) {
            return false;
        }
        return inherited
                .map(marks ->
                        offset < marks.accounted()
                                || attempt.getAssignment()
                                        .toString()
                                        .equals(marks.assignment().toString()))
                .orElse(true);
    }

    /** Notes that every entry below this offset was read. */
    void reached(long offset) {
        try (var _ = mutex.hold()) {
            if (offset > position) {
                position = offset;
                if (isCaughtUp()) {
                    progress.signalAll();
                }
            }
        }
    }

    /** Whether all entries were read that existed when the assignment began. */
    public boolean isCaughtUp() {
        try (var _ = mutex.hold()) {
            return end.isPresent() && position >= end.getAsLong();
        }
    }

    /**
     * Waits until the journal is read and a commit marks this assignment as not cleanly ended.
     * Until then no job may start, because the next assignment could not know of a crash.
     */
    public void awaitOpen() throws InterruptedException {
        try (var _ = mutex.hold()) {
            while (!isCaughtUp() || committedInOrder) {
                progress.await();
            }
        }
    }

    /**
     * Whether the start of this job must be recorded in the journal, because the job may have
     * crashed a worker before.
     */
    boolean mustRecordStart(long job) {
        return job < recordStartsBelow;
    }

    /** Notes that a job of this assignment is about to write to the journal. */
    void beginning(long job) {
        try (var _ = mutex.hold()) {
            begun.putIfAbsent(job, position);
        }
    }

    /** Asks a question about the earlier executions of a job. */
    <T> T earlier(long job, Question<T> question) {
        try (var _ = mutex.hold()) {
            return question.of(earlier.getOrDefault(job, new JobHistory()));
        }
    }

    /** A question about the earlier executions of a job. */
    interface Question<T> {
        T of(JobHistory history);
    }

    /** Rows of the calls of earlier executions, which the job's outcome must carry. */
    List<ModelCall> carried(long job) {
        try (var _ = mutex.hold()) {
            JobHistory calls = earlier.getOrDefault(job, new JobHistory());
            booked.addAll(calls.calls().keySet());
            return calls.rows();
        }
    }

    /** Whether a commit is due although no job was finished. */
    public boolean wantsCommit() {
        try (var _ = mutex.hold()) {
            return isCaughtUp()
                    && (!late.isEmpty()
                            || committedInOrder != jobs.isClosing()
                            || floor(Set.of()) - committedFloor > ENTRIES_PER_COMMIT);
        }
    }

    /** The journal's part of the transaction that finishes these jobs. */
    public Entries entries(Collection<Long> offsets) {
        try (var _ = mutex.hold()) {
            Set<Long> finishing = Set.copyOf(offsets);
            List<ModelCall> rows = new ArrayList<>();
            late.values().forEach(entry -> rows.add(entry.call()));
            for (long job : finishing) {
                unbooked(job).values().forEach(entry -> rows.add(entry.call()));
            }
            return new Entries(
                    rows,
                    new JournalMarks(floor(finishing), position, assignment, jobs.isClosing()));
        }
    }

    /** Applies the marks and late calls of a transaction that is now committed. */
    public void committed(Entries entries, Collection<Long> finished) {
        try (var _ = mutex.hold()) {
            for (ModelCall call : entries.late()) {
                late.remove(call.getCallId().toString());
                booked.add(call.getCallId().toString());
            }
            for (long job : finished) {
                // Calls whose entries arrived in the meantime are late.
                late.putAll(unbooked(job));
                earlier.remove(job);
                begun.remove(job);
            }
            committed(entries.marks());
        }
    }

    private void committed(JournalMarks marks) {
        committedFloor = marks.floor();
        committedInOrder = marks.inOrder();
        progress.signalAll();
    }

    /**
     * Applies the marks of a transaction whose result was unknown and that was in fact committed.
     */
    public void recovered(JournalMarks marks, Collection<Long> finished) {
        try (var _ = mutex.hold()) {
            for (long job : finished) {
                late.putAll(unbooked(job));
                earlier.remove(job);
                begun.remove(job);
            }
            if (marks.assignment().equals(assignment)) {
                late.entrySet()
                        .removeIf(entry ->
                                entry.getValue().offset() < marks.accounted()
                                        && booked.add(entry.getKey()));
                committed(marks);
            }
        }
    }

    /** The committed floor, if any. Entries below it are not needed any more. */
    public OptionalLong committedFloor() {
        try (var _ = mutex.hold()) {
            return committedFloor < 0 ? OptionalLong.empty() : OptionalLong.of(committedFloor);
        }
    }

    private Map<String, Entry> unbooked(long job) {
        Map<String, Entry> open = new LinkedHashMap<>();
        Optional.ofNullable(earlier.get(job)).ifPresent(calls -> open.putAll(calls.calls()));
        open.keySet().removeAll(booked);
        return open;
    }

    private long floor(Set<Long> finishing) {
        long own =
                begun.entrySet().stream()
                        .filter(entry -> !finishing.contains(entry.getKey()))
                        .findFirst()
                        .map(Map.Entry::getValue)
                        .orElse(position);
        long inheritedCalls =
                earlier.entrySet().stream()
                        .filter(entry -> !finishing.contains(entry.getKey()))
                        .flatMapToLong(entry -> entry.getValue().first().stream())
                        .min()
                        .orElse(position);
        return LongStream.of(own, inheritedCalls, position).min().orElseThrow();
    }
}
