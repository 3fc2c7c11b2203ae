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
 * One assignment of a partition to this worker, from its beginning to its end. The broker checks
 * only the member's epoch, not who owns a partition, so an outcome belongs to the assignment its
 * job was read in, and is dropped once that has ended, even if the partition comes back. Safe for
 * use by many threads.
 */
public final class PartitionAssignment implements AssignmentJournal.Jobs {
    private final TopicPartition partition;
    private final JobSource source;
    private final CommitFrontier frontier;
    private final Optional<AssignmentJournal> journal;
    private final RunningJobs jobs;
    private long nextOffset;

    /** The last offset that did not fit. */
    private long wanted;

    /** Everything below it is finished and committed; empty before any commit. */
    private OptionalLong committedPosition;

    private State state = State.LIVE;

    /** The life of an assignment. Only {@link #LIVE} has more than one successor. */
    private enum State {
        /** Its jobs are worked on. */
        LIVE,
        /** It is about to end in good order: its jobs finish or stop. */
        CLOSING,
        /** One of its jobs crashed the worker, so it will not end in good order. */
        BROKEN,
        /** It has ended, and the outcomes of its jobs are dropped. */
        ENDED
    }

    /**
     * @param source where its jobs come from
     * @param commit what the group has committed, if anything
     * @param journaled whether its calls are put on record
     * @param clock steady, whatever is done to the system's
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

    /** What is on record of its jobs' calls, where a journal is kept. */
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

    /** Where its jobs come from. */
    public JobSource source() {
        return source;
    }

    /** What to do with a record that was read. */
    enum Arrival {
        /** Its job is to be worked on. */
        NEW,
        /** An earlier assignment finished it already. */
        FINISHED,
        /** It is too far beyond the oldest unfinished job: read it again later. */
        TOO_FAR
    }

    /** Notes that the record at an offset was read; offsets skipped since the last one are gaps. */
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
        wanted = offset;
        return Arrival.TOO_FAR;
    }

    /** Notes that there is no record below an offset that was not read. */
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

    /** Where reading goes on: below the frontier nothing is left to be read, or kept. */
    synchronized long nextOffset() {
        return Math.max(nextOffset, frontier.position());
    }

    /** Whether the next record can be taken in, with the gap that may lie before it. */
    synchronized boolean hasRoom() {
        return wanted > nextOffset
                ? frontier.fitsRange(nextOffset, wanted)
                : frontier.fits(nextOffset);
    }

    /** How much of the window beyond the oldest unfinished job is taken, from 0 to 1. */
    synchronized double taken() {
        return hasRoom()
                ? Math.clamp(
                        (double) (nextOffset - frontier.position()) / CommitFrontier.WINDOW, 0, 1)
                : 1;
    }

    /** The job that has been read and is not committed for the longest time, and what it does. */
    Optional<RunningJob.Doing> oldest() {
        return jobs.oldest().map(RunningJob::doing);
    }

    /** What to commit if these offsets are finished as well. */
    public synchronized OffsetAndMetadata commitWith(
            Collection<Long> offsets, Optional<JournalMarks> marks) {
        CommitFrontier candidate = frontier.copy();
        offsets.forEach(candidate::finish);
        return FrontierCodec.encode(candidate, marks);
    }

    /** The transaction that finishes these offsets is committed. */
    public synchronized void committed(Collection<Long> offsets, OffsetAndMetadata commit) {
        offsets.forEach(frontier::finish);
        jobs.committed(offsets);
        committedPosition = OptionalLong.of(commit.offset());
    }

    /** Everything below this offset is finished and committed; empty before any commit. */
    synchronized OptionalLong committedPosition() {
        return committedPosition;
    }

    /** Whether gaps were skipped since the last commit, so that lag would seem to remain. */
    public synchronized boolean hasUncommittedGaps() {
        return isLive() && frontier.position() > committedPosition.orElse(-1);
    }

    /**
     * A job that arrived, which this thread works on now.
     *
     * @return nothing if the assignment has ended, or is about to
     */
    public synchronized Optional<RunningJob> enter(long offset, Thread worker) {
        return isLive() ? jobs.enter(offset, worker) : Optional.empty();
    }

    /** A job that arrived is no longer worked on, whether its thread entered or not. */
    public void leave(long offset) {
        jobs.left(offset);
    }

    /** Whether its jobs leave, or have been cancelled: what they end in is nobody's any more. */
    public boolean isLeaving() {
        return !isLive() || jobs.timeLeft().isPresent();
    }

    /**
     * It is about to end: jobs without a call under way leave at once, the others go on until this
     * instant of the steady clock.
     */
    void leaveBy(Instant end) {
        jobs.leaveBy(end);
    }

    @Override
    public synchronized boolean isLive() {
        return state != State.ENDED;
    }

    /** It is about to end in good order. */
    synchronized void close() {
        if (state == State.LIVE) {
            state = State.CLOSING;
        }
    }

    @Override
    public synchronized boolean isClosing() {
        return state == State.CLOSING;
    }

    /** One of its jobs crashed the worker. */
    public synchronized void broke() {
        if (isLive()) {
            state = State.BROKEN;
        }
    }

    /**
     * Waits until no job of this assignment is being worked on; false if the time ran out first.
     */
    boolean awaitIdle(Duration limit) throws InterruptedException {
        return jobs.awaitIdle(limit);
    }

    /** Ends it and cancels what is being worked on. */
    synchronized void end() {
        state = State.ENDED;
        jobs.end();
    }

    @Override
    public synchronized String toString() {
        return partition + "@" + frontier + (isLive() ? "" : " (ended)");
    }
}
