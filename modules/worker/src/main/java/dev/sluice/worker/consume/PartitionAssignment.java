package dev.sluice.worker.consume;

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
    public synchronized boolean isFinished(long offset) {
        return frontier.isFinished(offset);
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
    synchronized Arrival arrive(long offset) {
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

    private Arrival tooFar(long offset) {
        tooFarOffset = offset;
        return Arrival.TOO_FAR;
    }

    /**
     * Marks the offsets from the last record to this offset as gaps. False if the range does not
     * fit.
     */
    synchronized boolean skipTo(long offset) {
        if (offset > nextOffset) {
            if (!frontier.fitsRange(nextOffset, offset)) {
                return false;
            }
            frontier.finishRange(nextOffset, offset);
            nextOffset = offset;
        }
        return true;
    }

    /**
     * Where reading continues: never below the frontier, where every job is finished and may be
     * deleted.
     */
    synchronized long nextOffset() {
        return Math.max(nextOffset, frontier.position());
    }

    /** Whether the next record fits into the window, including the gap that may lie before it. */
    synchronized boolean hasRoom() {
        return tooFarOffset > nextOffset
                ? frontier.fitsRange(nextOffset, tooFarOffset)
                : frontier.fits(nextOffset);
    }

    /** The used share of the window beyond the oldest unfinished job, from 0 to 1. */
    synchronized double taken() {
        return hasRoom()
                ? Math.clamp(
                        (double) (nextOffset - frontier.position()) / CommitFrontier.WINDOW, 0, 1)
                : 1;
    }

    /** The job that was read and has been uncommitted for longest, with its current stage. */
    Optional<RunningJob.Doing> oldest() {
        return jobs.oldest().map(RunningJob::doing);
    }

    /** The commit that also finishes these offsets. */
    public synchronized OffsetAndMetadata commitWith(
            Collection<Long> offsets, Optional<JournalMarks> marks) {
        CommitFrontier candidate = frontier.copy();
        offsets.forEach(candidate::finish);
        return FrontierCodec.encode(candidate, marks);
    }

    /** Records that the transaction that finishes these offsets is committed. */
    public synchronized void committed(Collection<Long> offsets, OffsetAndMetadata commit) {
        offsets.forEach(frontier::finish);
        jobs.committed(offsets);
        committedPosition = OptionalLong.of(commit.offset());
    }

    /** Every offset below this is finished and committed; empty before the first commit. */
    synchronized OptionalLong committedPosition() {
        return committedPosition;
    }

    /**
     * Whether gaps were skipped since the last commit. Without a new commit, the group would show
     * lag.
     */
    public synchronized boolean hasUncommittedGaps() {
        return isLive() && frontier.position() > committedPosition.orElse(-1);
    }

    /**
     * The job at this offset, which the thread processes from now on.
     *
     * @return empty if the assignment has ended, or is about to
     */
    public synchronized Optional<RunningJob> enter(long offset, Thread worker) {
        return isLive() ? jobs.enter(offset, worker) : Optional.empty();
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
    public synchronized boolean isLive() {
        return state != State.ENDED;
    }

    /** Marks it as about to end cleanly. */
    synchronized void close() {
        if (state == State.LIVE) {
            state = State.CLOSING;
        }
    }

    @Override
    public synchronized boolean isClosing() {
        return state == State.CLOSING;
    }

    /** Marks it as broken: one of its jobs crashed the worker. */
    public synchronized void broke() {
        if (isLive()) {
            state = State.BROKEN;
        }
    }

    /** Waits until no job of this assignment is running; false if the time ran out first. */
    boolean awaitIdle(Duration limit) throws InterruptedException {
        return jobs.awaitIdle(limit);
    }

    /** Ends it and cancels its running jobs. */
    synchronized void end() {
        state = State.ENDED;
        jobs.end();
    }

    @Override
    public synchronized String toString() {
        return partition + "@" + frontier + (isLive() ? "" : " (ended)");
    }
}
