package dev.sluice.worker.process;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.job.JobReader;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.kafka.ThrottledLog;
import dev.sluice.runtime.outcome.ContractPrices;
import dev.sluice.runtime.outcome.Deadlines;
import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.runtime.outcome.OutcomeWriter;
import dev.sluice.worker.consume.PartitionAssignment;
import dev.sluice.worker.consume.RunningJob;
import dev.sluice.worker.consume.RunningJob.Stage;
import dev.sluice.worker.journal.JobJournal;
import dev.sluice.worker.journal.Journal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Works on one job from its record to its outcome. Waits while the registry gives no answer, and
 * for an analysis that this worker does not know yet. Safe for use by many threads.
 */
public final class JobRunner {
    private static final Logger log = LoggerFactory.getLogger(JobRunner.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration UNREADABLE = Duration.ofHours(1);
    private static final Duration LAST_WORD = Duration.ofSeconds(5);

    private final JobReader jobs;
    private final AnalysisCatalog analyses;
    private final Map<String, Analyst> analysts;
    private final OutcomeWriter writer;
    private final Optional<Journal> journal;

    /** How many jobs wait, by the analysis that they name. */
    private final Map<String, Integer> unknownAnalyses = new ConcurrentHashMap<>();

    private final ThrottledLog waitsForRegistry = new ThrottledLog(new SteadyClock());

    /**
     * @param newAnalyst makes the analyst of an analysis
     * @param journal where calls are put on record, if they are
     */
    public JobRunner(
            JobReader jobs,
            AnalysisCatalog analyses,
            Function<AnalysisDefinition, Analyst> newAnalyst,
            OutcomeWriter writer,
            Optional<Journal> journal) {
        this.jobs = jobs;
        this.analyses = analyses;
        this.analysts =
                analyses.all().stream()
                        .collect(
                                java.util.stream.Collectors.toUnmodifiableMap(
                                        AnalysisDefinition::name, newAnalyst));
        this.writer = writer;
        this.journal = journal;
    }

    /** Analyses that jobs wait for and this worker does not know: it needs an update. */
    public Set<String> unknownAnalyses() {
        return Set.copyOf(unknownAnalyses.keySet());
    }

    /**
     * The outcome of a job.
     *
     * @param assignment where it was read
     * @param running is told what the job does
     * @throws InterruptedException if the job leaves: its partition moves on
     */
    public Outcome run(
            ConsumerRecord<byte[], byte[]> record,
            PartitionAssignment assignment,
            RunningJob running)
            throws InterruptedException {
        if (assignment.journal().isPresent()) {
            assignment.journal().get().awaitOpen();
        }
        if (JobReader.isForeign(record)) {
            return foreign(record, running);
        }
        Job job = read(record, running);
        Optional<JobJournal> journaled =
                journal.flatMap(open ->
                        assignment
                                .journal()
                                .map(held ->
                                        open.of(held, job, record.partition(), record.offset())));
        if (journaled.isPresent() && isPoison(journaled.get())) {
            return withoutAnalysis(() -> writer.crashedWorker(job, earlier(journaled)), running);
        }
        String name = job.request().getAnalysis().toString();
        Optional<AnalysisDefinition> definition = analyses.find(name);
        if (definition.isEmpty()) {
            awaitDeadline(job, name, running);
            String waited = "no worker knew the analysis " + name;
            return withoutAnalysis(() -> writer.expired(job, waited, earlier(journaled)), running);
        }
        return analysed(new Work(record, assignment, running, job, definition.get(), journaled));
    }

    /**
     * Nobody but admission should write to these topics; one such record must not stop all jobs.
     */
    private Outcome foreign(ConsumerRecord<byte[], byte[]> record, RunningJob running)
            throws InterruptedException {
        String message = "the value is not Avro in Confluent's wire format";
        log.atError()
                .addKeyValue("topic", record.topic())
                .addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset())
                .addKeyValue("reason", message)
                .log(
                        "not a job: the record becomes a dead letter; find out who writes to this topic");
        return withoutAnalysis(() -> writer.undecodable(record, message), running);
    }

    private static List<ModelCall> earlier(Optional<JobJournal> calls) {
        return calls.map(JobJournal::earlierCalls).orElse(List.of());
    }

    private Outcome withoutAnalysis(Supplier<Outcome> outcome, RunningJob running)
            throws InterruptedException {
        running.at(Stage.WRITING);
        return awaitingRegistry(outcome, () -> {}, () -> {});
    }

    /** A job, and what is needed to work on it. */
    private record Work(
            ConsumerRecord<byte[], byte[]> record,
            PartitionAssignment assignment,
            RunningJob running,
            Job job,
            AnalysisDefinition definition,
            Optional<JobJournal> journal) {}

    private Job read(ConsumerRecord<byte[], byte[]> record, RunningJob running)
            throws InterruptedException {
        Optional<Job> job =
                awaitingRegistry(
                        () -> readable(record),
                        () -> running.at(Stage.REGISTRY),
                        () -> running.at(Stage.READING));
        if (job.isEmpty()) {
            // Somebody has paid for it, perhaps: it is neither lost nor does it stop the others.
            running.at(Stage.UNREADABLE);
            while (true) {
                Thread.sleep(UNREADABLE);
            }
        }
        running.identify(job.get().request().getRequestId());
        return job.get();
    }

    private Optional<Job> readable(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.of(jobs.read(record));
        } catch (SerializationException e) {
            if (RegistryOutage.is(e)) {
                throw e;
            }
            log.atError()
                    .setCause(e)
                    .addKeyValue("topic", record.topic())
                    .addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset())
                    .log(
                            "a job cannot be read and waits: give the registry the schema that"
                                    + " admission wrote it with, or this worker the version of"
                                    + " admission, and restart it");
            return Optional.empty();
        }
    }

    private Outcome analysed(Work work) throws InterruptedException {
        TrackedCalls calls =
                new TrackedCalls(
                        work.journal().<CallJournal>map(own -> own).orElse(CallJournal.NONE),
                        work.running());
        boolean broken = true;
        try {
            calls.acquireSlot();
            Analysis analysis = analyst(work.definition()).analyse(task(work, calls));
            if (Thread.interrupted()) {
                throw new InterruptedException("the job left while it was worked on");
            }
            work.running().at(Stage.WRITING);
            Outcome outcome = written(work, analysis);
            broken = false;
            return outcome;
        } catch (InterruptedException e) {
            broken = false;
            throw e;
        } finally {
            if (broken) {
                work.journal().ifPresent(JobJournal::abandon);
            } else {
                work.journal().ifPresent(JobJournal::releaseSlot);
            }
        }
    }

    /** The end of a call may still be on its way from a worker that is only slow. */
    private static boolean isPoison(JobJournal calls) throws InterruptedException {
        if (calls.crashedInIsolation()) {
            Thread.sleep(LAST_WORD);
        }
        return calls.crashedInIsolation();
    }

    private Analyst analyst(AnalysisDefinition definition) {
        return Optional.ofNullable(analysts.get(definition.name()))
                .orElseThrow(() -> new IllegalStateException("no analyst of " + definition.name()));
    }

    private Outcome written(Work work, Analysis analysis) throws InterruptedException {
        Job job = work.job();
        List<ModelCall> earlier = earlier(work.journal());
        try {
            return writing(work, () -> writer.write(job, work.definition(), analysis, earlier));
        } catch (RuntimeException | StackOverflowError e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("requestId", job.request().getRequestId())
                    .addKeyValue("topic", work.record().topic())
                    .addKeyValue("partition", work.record().partition())
                    .addKeyValue("offset", work.record().offset())
                    .log("an outcome cannot be written");
            String message = "a bug in the worker: " + e.getClass().getSimpleName();
            return writing(
                    work, () -> writer.internalError(job, message, analysis.calls(), earlier));
        }
    }

    /**
     * A job of an unknown analysis waits for another worker: admission knew it, so this one is out
     * of date.
     */
    private void awaitDeadline(Job job, String analysis, RunningJob running)
            throws InterruptedException {
        running.at(Stage.UNKNOWN_ANALYSIS);
        if (unknownAnalyses.merge(analysis, 1, Integer::sum) == 1) {
            log.atError()
                    .addKeyValue("analysis", analysis)
                    .log("jobs wait: this worker does not know their analysis; update it");
        }
        try {
            while (!writer.isExpired(job)) {
                Thread.sleep(PAUSE);
            }
        } finally {
            unknownAnalyses.computeIfPresent(analysis, (_, jobs) -> jobs == 1 ? null : jobs - 1);
        }
    }

    private static AnalysisTask task(Work work, CallJournal calls) {
        Job job = work.job();
        return new AnalysisTask(
                job.request().getRequestId().toString(),
                job.request().getUserId().toString(),
                job.request().getContent().toString(),
                work.assignment().source().isBulk() ? Priority.BULK : Priority.INTERACTIVE,
                Deadlines.of(job),
                new Cost(job.reservation().getCap()),
                job.reservation().getPrices().stream().map(ContractPrices::fromContract).toList(),
                calls);
    }

    /** A job that waits for the registry with its outcome lets others work. */
    private Outcome writing(Work work, Supplier<Outcome> step) throws InterruptedException {
        return awaitingRegistry(
                step,
                () -> work.journal().ifPresent(JobJournal::releaseSlot),
                () -> {
                    if (work.journal().isPresent()) {
                        work.journal().get().acquireSlot();
                    }
                });
    }

    /** A step that takes the registry. */
    private <T> T awaitingRegistry(Supplier<T> step, Runnable before, SlotAcquisition after)
            throws InterruptedException {
        return RegistryOutage.waitOut(
                step,
                reason -> {
                    sayThatJobsWait(reason);
                    before.run();
                    Thread.sleep(PAUSE);
                    after.acquire();
                });
    }

    /** That the registry gives no answer at all is said by whoever asks it all the time. */
    private void sayThatJobsWait(RuntimeException reason) {
        boolean worthALine =
                !(reason instanceof RegistryUnavailableException) && waitsForRegistry.isDue();
        log.atLevel(worthALine ? Level.WARN : Level.DEBUG)
                .addKeyValue("reason", reason.getMessage())
                .log("jobs wait: the schema registry does not answer as it should");
    }

    /** Acquires the job's slot again after a wait. */
    private interface SlotAcquisition {
        void acquire() throws InterruptedException;
    }
}
