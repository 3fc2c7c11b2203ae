package dev.sluice.worker.journal;

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
import java.util.stream.LongStream;

/**
 * What the journal says of the jobs of one assignment: which calls earlier executions of unfinished
 * jobs began, and which calls came to light after their job was finished. The partition is read
 * from the floor that the last commit names and followed throughout, because a predecessor that was
 * only stalled may still write. Safe for use by many threads.
 */
public final class AssignmentJournal {
    /** So many entries may pile up below the floor before they are let go. */
    private static final int ENTRIES_PER_COMMIT = 10_000;

    private final UUID assignment;
    private final Priority priority;
    private final Optional<JournalMarks> inherited;
    private final Jobs jobs;
    private final Map<Long, JobHistory> earlier = new HashMap<>();

    /** Calls of finished jobs that nobody has booked, by id. */
    private final Map<String, Entry> late = new LinkedHashMap<>();

    /**
     * Ids of earlier executions' calls that are in the books, or in an outcome on its way there.
     */
    private final Set<String> booked = new HashSet<>();

    /**
     * Jobs that began calls in this assignment, and how far the journal was read by then: their
     * entries are not below. In ascending order of that.
     */
    private final LinkedHashMap<Long, Long> begun = new LinkedHashMap<>();

    /** Everything below this offset was read. */
    private long position;

    /** Where the partition ended when the assignment began; none before it is known. */
    private OptionalLong end = OptionalLong.empty();

    private long committedFloor = -1;

    /** Jobs below this offset may be what killed the worker of an earlier assignment. */
    private final long carefulBelow;

    /** What the commit says that the next assignment would find now. */
    private boolean committedInOrder;

    /** The jobs of the assignment. */
    public interface Jobs {
        boolean isFinished(long offset);

        boolean isLive();

        /** Whether it is about to end in good order. */
        boolean isClosing();
    }

    /** What a transaction publishes and commits beside its outcomes. */
    public record Entries(List<ModelCall> late, JournalMarks marks) {
        public Entries {
            late = List.copyOf(late);
        }
    }

    /**
     * @param inherited from the last commit, if it had any
     * @param windowEnd no earlier assignment has worked on a job at or beyond this offset
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
        this.carefulBelow = inOrder ? 0 : windowEnd;
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
     * Says what the partition holds as the assignment begins.
     *
     * @return where to begin reading
     */
    synchronized long bounds(long first, long next) {
        position = Math.clamp(position, first, next);
        end = OptionalLong.of(next);
        notifyAll();
        return position;
    }

    synchronized long position() {
        return position;
    }

    /** Takes one entry of another assignment. */
    synchronized void read(long offset, Attempt attempt) {
        if (offset < position) {
            return;
        }
        if (attempt.getPriority() == priority) {
            take(offset, attempt);
        }
        reached(offset + 1);
    }

    private void take(long offset, Attempt attempt) {
        if (!jobs.isFinished(attempt.getJobOffset())) {
            earlier.computeIfAbsent(attempt.getJobOffset(), key -> new JobHistory())
                    .read(offset, attempt);
        } else if (attempt.getCall() != null) {
            takeLate(offset, attempt, attempt.getCall());
        }
    }

    private void takeLate(long offset, Attempt attempt, ModelCall call) {
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
                && !wasAccountedFor(offset, attempt)) {
            late.put(callId, new Entry(offset, attempt, call));
        }
    }

    /** Whether a call of a finished job was in the books before this assignment began. */
    private boolean wasAccountedFor(long offset, Attempt attempt) {
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

    /** Everything below an offset was read. */
    synchronized void reached(long offset) {
        if (offset > position) {
            position = offset;
            if (isCaughtUp()) {
                notifyAll();
            }
        }
    }

    /** Whether everything is known that was on record when the assignment began. */
    public synchronized boolean isCaughtUp() {
        return end.isPresent() && position >= end.getAsLong();
    }

    /**
     * Waits until that is known, and until it is committed that jobs are under way: before, nobody
     * may work on one.
     */
    public synchronized void awaitOpen() throws InterruptedException {
        while (!isCaughtUp() || committedInOrder) {
            wait();
        }
    }

    /** Whether to put on record that a job is worked on: it may have killed a worker before. */
    boolean isCareful(long job) {
        return job < carefulBelow;
    }

    /** A job of this assignment is about to put a call on record. */
    synchronized void beginning(long job) {
        begun.putIfAbsent(job, position);
    }

    /** What earlier executions of a job did. */
    synchronized <T> T earlier(long job, Question<T> question) {
        return question.of(earlier.getOrDefault(job, new JobHistory()));
    }

    /** Something asked of a job's earlier calls. */
    interface Question<T> {
        T of(JobHistory calls);
    }

    /** Rows of earlier executions, which the job's outcome now carries. */
    synchronized List<ModelCall> carried(long job) {
        JobHistory calls = earlier.getOrDefault(job, new JobHistory());
        booked.addAll(calls.calls().keySet());
        return calls.rows();
    }

    /** Whether there is something to commit though no job was finished. */
    public synchronized boolean wantsCommit() {
        return isCaughtUp()
                && (!late.isEmpty()
                        || committedInOrder != jobs.isClosing()
                        || floor(Set.of()) - committedFloor > ENTRIES_PER_COMMIT);
    }

    /** What goes into the transaction that finishes these jobs. */
    public synchronized Entries entries(Collection<Long> offsets) {
        Set<Long> finishing = Set.copyOf(offsets);
        List<ModelCall> rows = new ArrayList<>();
        late.values().forEach(entry -> rows.add(entry.call()));
        for (long job : finishing) {
            unbooked(job).values().forEach(entry -> rows.add(entry.call()));
        }
        return new Entries(
                rows, new JournalMarks(floor(finishing), position, assignment, jobs.isClosing()));
    }

    /** That transaction is committed. */
    public synchronized void committed(Entries entries, Collection<Long> finished) {
        for (ModelCall call : entries.late()) {
            late.remove(call.getCallId().toString());
            booked.add(call.getCallId().toString());
        }
        for (long job : finished) {
            // What came in between is late now.
            late.putAll(unbooked(job));
            earlier.remove(job);
            begun.remove(job);
        }
        committed(entries.marks());
    }

    private void committed(JournalMarks marks) {
        committedFloor = marks.floor();
        committedInOrder = marks.inOrder();
        notifyAll();
    }

    /** A transaction whose end was unknown turned out to be committed with these marks. */
    public synchronized void recovered(JournalMarks marks, Collection<Long> finished) {
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

    /** The floor that is committed, if any: entries below it are needed no more. */
    public synchronized OptionalLong committedFloor() {
        return committedFloor < 0 ? OptionalLong.empty() : OptionalLong.of(committedFloor);
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
