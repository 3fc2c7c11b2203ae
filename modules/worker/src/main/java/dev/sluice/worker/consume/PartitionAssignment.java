package dev.sluice.worker.consume;

import dev.sluice.analysis.concurrent.Mutex;
import dev.sluice.worker.journal.AssignmentJournal;
import dev.sluice.worker.journal.JournalMarks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * One assignment of a partition to this worker, from its beginning to its end. An outcome belongs
 * to the assignment in which its job was read. It is dropped once that assignment has ended, even
 * if the partition comes back, because the brokers check the member's epoch only and not the owner
 * of a partition. Thread-safe.
 */
public final class PartitionAssignment implements AssignmentJournal.Jobs {
    private final Mutex mutex = new Mutex();
    private final TopicPartition partition;
    private final JobSource source;
    private final CommitFrontier frontier;
    private final Optional<AssignmentJournal> journal;
    private final RunningJobs jobs;
    private long nextOffset;

    /** The last offset that was too far beyond the position. */
    private long tooFarOffset;

    /** Every offset below this is finished and committed; empty before the first commit. */
    private OptionalLong committedPosition;

    private State state = State.LIVE;

    /** The states of an assignment. Only {@link #LIVE} has more than one successor. */
    private enum State {
        /** Its jobs are processed. */
        LIVE,
        /** It is about to end cleanly: its jobs finish or stop. */
        CLOSING,
        /** One of its jobs crashed the worker, so it will not end cleanly. */
        BROKEN,
        /** It has ended, and the outcomes of its jobs are dropped. */
        ENDED
    }

    /**
     * @param source model and priority of its jobs
     * @param commit the group's last commit, if any
     * @param journaled whether its calls are recorded in the journal
     * @param clock monotonic: not affected by changes of the system clock
     */
    public PartitionAssignment(
            TopicPartition partition,
            JobSource source,
            CommitFrontier frontier,
            Optional<FrontierCodec.Committed> commit,
            boolean journaled,
            InstantSource clock) {
        this.partition = partition;
        this.source = source;
        this.frontier = frontier;
        this.jobs = new RunningJobs(clock);
        this.nextOffset = frontier.position();
        this.committedPosition =
                commit.isPresent() ? OptionalLong.of(frontier.position()) : OptionalLong.empty();
        this.journal =
                journaled
                        ? Optional.of(
                                new AssignmentJournal(
                                        UUID.randomUUID(),
                                        source.priority(),
                                        commit.flatMap(FrontierCodec.Committed::marks),
                                        frontier.position() + CommitFrontier.WINDOW,
                                        this))
                        : Optional.empty();
    }

    /** The journal entries of its jobs, if the journal is enabled. */
    public Optional<AssignmentJournal> journal() {
        return journal;
    }

    @Override
    public boolean isFinished(long offset) {
        try (var _ = mutex.hold()) {
            return frontier.isFinished(offset);
        }
    }

    public TopicPartition partition() {
        return partition;
    }

    /** Model whose jobs these are. */
    public String model() {
        return source.model();
    }

    /** Model and priority of its jobs. */
    public JobSource source() {
        return source;
    }

    /** How to proceed with a record that was read. */
    enum Arrival {
        /** Process its job. */
        NEW,
        /** An earlier assignment finished it already. */
        FINISHED,
        /** It is too far beyond the oldest unfinished job: read it again later. */
        TOO_FAR
    }

    /**
     * Registers the record at an offset as read; offsets skipped since the last record are gaps.
     */
    Arrival arrive(long offset) {
        try (var _ = mutex.hold()) {
            if (!skipTo(offset)) {
                return tooFar(offset);
            }
            if (frontier.isFinished(offset)) {
                nextOffset = offset + 1;
                return Arrival.FINISHED;
            }
            if (!frontier.fits(offset)) {
                return tooFar(offset);
            }
            nextOffset = offset + 1;
            jobs.arrived(offset);
            return Arrival.NEW;
        }
    }

    private Arrival tooFar(long offset) {
        tooFarOffset = offset;
        return Arrival.TOO_FAR;
    }

    /**
     * Marks the offsets from the last record to this offset as gaps. False if the range does not
     * fit.
     */
    boolean skipTo(long offset) {
        try (var _ = mutex.hold()) {
            if (offset > nextOffset) {
                if (!frontier.fitsRange(nextOffset, offset)) {
                    return false;
                }
                frontier.finishRange(nextOffset, offset);
                nextOffset = offset;
            }
            return true;
        }
    }

    /**
     * Where reading continues: never below the frontier, where every job is finished and may be
     * deleted.
     */
    long nextOffset() {
        try (var _ = mutex.hold()) {
            return Math.max(nextOffset, frontier.position());
        }
    }

    /** Whether the next record fits into the window, including the gap that may lie before it. */
    boolean hasRoom() {
        try (var _ = mutex.hold()) {
            return tooFarOffset > nextOffset
                    ? frontier.fitsRange(nextOffset, tooFarOffset)
                    : frontier.fits(nextOffset);
        }
    }

    /** The used share of the window beyond the oldest unfinished job, from 0 to 1. */
    double taken() {
        try (var _ = mutex.hold()) {
            return hasRoom()
                    ? Math.clamp(
                            (double) (nextOffset - frontier.position()) / CommitFrontier.WINDOW,
                            0,
                            1)
                    : 1;
        }
    }

    /** The job that was read and has been uncommitted for longest, with its current stage. */
    Optional<RunningJob.Doing> oldest() {
        return jobs.oldest().map(RunningJob::doing);
    }

    /** The commit that also finishes these offsets. */
    public OffsetAndMetadata commitWith(Collection<Long> offsets, Optional<JournalMarks> marks) {
        try (var _ = mutex.hold()) {
            CommitFrontier candidate = frontier.copy();
            offsets.forEach(candidate::finish);
            return FrontierCodec.encode(candidate, marks);
        }
    }

    /** Records that the transaction that finishes these offsets is committed. */
    public void committed(Collection<Long> offsets, OffsetAndMetadata commit) {
        try (var _ = mutex.hold()) {
            offsets.forEach(frontier::finish);
            jobs.committed(offsets);
            committedPosition = OptionalLong.of(commit.offset());
        }
    }

    /** Every offset below this is finished and committed; empty before the first commit. */
    OptionalLong committedPosition() {
        try (var _ = mutex.hold()) {
            return committedPosition;
        }
    }

    /**
     * Whether gaps were skipped since the last commit. Without a new commit, the group would show
     * lag.
     */
    public boolean hasUncommittedGaps() {
        try (var _ = mutex.hold()) {
            return isLive() && frontier.position() > committedPosition.orElse(-1);
        }
    }

    /**
     * The job at this offset, which the thread processes from now on.
     *
     * @return empty if the assignment has ended, or is about to
     */
    public Optional<RunningJob> enter(long offset, Thread worker) {
        try (var _ = mutex.hold()) {
            return isLive() ? jobs.enter(offset, worker) : Optional.empty();
        }
    }

    /** Ends the work on a job that arrived, whether or not its thread has entered. */
    public void leave(long offset) {
        jobs.left(offset);
    }

    /** Whether its jobs are cancelled, or soon will be. Their outcomes are not published. */
    public boolean isLeaving() {
        return !isLive() || jobs.timeLeft().isPresent();
    }

    /**
     * Announces the end of the assignment. Jobs without a running call are cancelled at once. The
     * others go on until this instant of the monotonic clock.
     */
    void leaveBy(Instant end) {
        jobs.leaveBy(end);
    }

    @Override
    public boolean isLive() {
        try (var _ = mutex.hold()) {
            return state != State.ENDED;
        }
    }

    /** Marks it as about to end cleanly. */
    void close() {
        try (var _ = mutex.hold()) {
            if (state == State.LIVE) {
                state = State.CLOSING;
            }
        }
    }

    @Override
    public boolean isClosing() {
        try (var _ = mutex.hold()) {
            return state == State.CLOSING;
        }
    }

    /** Marks it as broken: one of its jobs crashed the worker. */
    public void broke() {
        try (var _ = mutex.hold()) {
            if (isLive()) {
                state = State.BROKEN;
            }
        }
    }

    /** Waits until no job of this assignment is running; false if the time ran out first. */
    boolean awaitIdle(Duration limit) throws InterruptedException {
        return jobs.awaitIdle(limit);
    }

    /** Ends it and cancels its running jobs. */
    void end() {
        try (var _ = mutex.hold()) {
            state = State.ENDED;
            jobs.end();
        }
    }

    @Override
    public String toString() {
        try (var _ = mutex.hold()) {
            return partition + "@" + frontier + (isLive() ? "" : " (ended)");
        }
    }
}
