package dev.sluice.worker.process;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.contract.ModelCall;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.job.JobReader;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.runtime.outcome.OutcomeWriter;
import dev.sluice.worker.consume.PartitionAssignment;
import dev.sluice.worker.consume.RunningJob;
import dev.sluice.worker.consume.RunningJob.Stage;
import dev.sluice.worker.journal.JobJournal;
import dev.sluice.worker.journal.Journal;
import dev.sluice.worker.trace.JobTrace;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes one job from its record to its outcome. Waits while the registry does not answer, and
 * while this worker does not know the job's analysis. Thread-safe.
 */
public final class JobRunner {
    private static final Logger log = LoggerFactory.getLogger(JobRunner.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration UNREADABLE = Duration.ofHours(1);
    private static final Duration LATE_END_WAIT = Duration.ofSeconds(5);

    private final JobReader jobs;
    private final AnalysisCatalog analyses;

    /** By the version's fingerprint. */
    private final Map<String, Analyst> analysts;

    private final OutcomeWriter writer;
    private final Optional<Journal> journal;
    private final StoredAnswers storedAnswers;

    /** Number of waiting jobs by the analysis that this worker does not know. */
    private final Map<String, Integer> unknownAnalyses = new ConcurrentHashMap<>();

    private final RegistryWaits registryWaits = new RegistryWaits();

    /**
     * @param newAnalyst makes the analyst of an analysis
     * @param journal records calls, if the journal is enabled
     * @param storedAnswers finds the answers that are judged again
     */
    public JobRunner(
            JobReader jobs,
            AnalysisCatalog analyses,
            Function<AnalysisDefinition, Analyst> newAnalyst,
            OutcomeWriter writer,
            Optional<Journal> journal,
            StoredAnswers storedAnswers) {
        this.jobs = jobs;
        this.analyses = analyses;
        this.analysts =
                analyses.versions().stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        AnalysisDefinition::fingerprint, newAnalyst));
        this.writer = writer;
        this.journal = journal;
        this.storedAnswers = storedAnswers;
    }

    /**
     * Analyses that jobs wait for because this worker does not know them: the worker needs an
     * update.
     */
    public Set<String> unknownAnalyses() {
        return Set.copyOf(unknownAnalyses.keySet());
    }

    /**
     * Processes a job and returns its outcome.
     *
     * @param assignment the assignment in which it was read
     * @param running receives the job's stages
     * @param trace receives the job's spans
     * @throws InterruptedException if the job is cancelled because its partition moves to another
     *     worker
     */
    public Outcome run(
            ConsumerRecord<byte[], byte[]> record,
            PartitionAssignment assignment,
            RunningJob running,
            JobTrace trace)
            throws InterruptedException {
        if (assignment.journal().isPresent()) {
            assignment.journal().get().awaitOpen();
        }
        if (JobReader.isForeign(record)) {
            return foreign(record, running);
        }
        Job job = read(record, running);
        boolean ended = false;
        try (Scope _ = trace.begin(job)) {
            Outcome outcome = processed(record, assignment, running, job, trace);
            trace.end(outcome);
            ended = true;
            return outcome;
        } finally {
            if (!ended) {
                trace.abandon();
            }
        }
    }

    private Outcome processed(
            ConsumerRecord<byte[], byte[]> record,
            PartitionAssignment assignment,
            RunningJob running,
            Job job,
            JobTrace trace)
            throws InterruptedException {
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
        Optional<AnalysisDefinition> definition =
                analyses.find(name, job.admitted().getAnalysisVersion().toString());
        if (definition.isEmpty()) {
            awaitDeadline(job, name, running);
            String waited = "no worker knew the analysis " + name;
            return withoutAnalysis(() -> writer.expired(job, waited, earlier(journaled)), running);
        }
        return analysed(
                new JobWork(record, assignment, running, job, definition.get(), journaled, trace));
    }

    /**
     * A dead letter for a record that is not a job. Only admission should write to these topics;
     * one such record must not stop all jobs.
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
                        "not a job: the record becomes a dead letter; find the application that"
                                + " writes to this topic");
        return withoutAnalysis(() -> writer.undecodable(record, message), running);
    }

    private static List<ModelCall> earlier(Optional<JobJournal> calls) {
        return calls.map(JobJournal::earlierCalls).orElse(List.of());
    }

    private Outcome withoutAnalysis(Supplier<Outcome> outcome, RunningJob running)
            throws InterruptedException {
        running.at(Stage.WRITING);
        return registryWaits.await(outcome, () -> {}, () -> {});
    }

    private Job read(ConsumerRecord<byte[], byte[]> record, RunningJob running)
            throws InterruptedException {
        Optional<Job> job =
                registryWaits.await(
                        () -> readable(record),
                        () -> running.at(Stage.REGISTRY),
                        () -> running.at(Stage.READING));
        if (job.isEmpty()) {
            // The job may have been paid for. So it is not dropped, and it does not stop the other
            // jobs.
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

    private Outcome analysed(JobWork work) throws InterruptedException {
        CallJournal calls =
                work.trace()
                        .traced(
                                new TrackedCalls(
                                        work.journal()
                                                .<CallJournal>map(own -> own)
                                                .orElse(CallJournal.NONE),
                                        work.running(),
                                        new CallLog(work.job().request())));
        boolean broken = true;
        try {
            calls.acquireSlot();
            Outcome outcome =
                    DeadLetterPlace.isIn(work.job().admitted().getSource())
                            ? rejudged(work, calls)
                            : written(work, calls);
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

    private Outcome written(JobWork work, CallJournal calls) throws InterruptedException {
        Analysis analysis = analyst(work.definition()).analyse(work.task(calls));
        List<ModelCall> earlier = work.earlierCalls();
        return written(
                work,
                analysis,
                () -> writer.write(work.job(), work.definition(), analysis, earlier));
    }

    /** Judges the answers of the request's dead letter again; makes no call. */
    private Outcome rejudged(JobWork work, CallJournal calls) throws InterruptedException {
        Optional<StoredAnswers.Answers> answers = storedAnswers.await(work, registryWaits);
        List<ModelCall> earlier = work.earlierCalls();
        if (answers.isEmpty()) {
            work.beginWriting();
            return registryWaits.await(work, () -> writer.withoutAnswers(work.job(), earlier));
        }
        Analysis analysis =
                analyst(work.definition()).rejudge(work.task(calls), answers.get().texts());
        return written(
                work,
                analysis,
                () ->
                        writer.rejudged(
                                work.job(),
                                work.definition(),
                                analysis,
                                answers.get().model(),
                                earlier));
    }

    /**
     * Whether this job crashed a worker while it ran alone. Waits before the answer is final,
     * because the end of a call may still arrive from a worker that only stalled.
     */
    private static boolean isPoison(JobJournal calls) throws InterruptedException {
        if (calls.crashedInIsolation()) {
            Thread.sleep(LATE_END_WAIT);
        }
        return calls.crashedInIsolation();
    }

    private Analyst analyst(AnalysisDefinition definition) {
        return Optional.ofNullable(analysts.get(definition.fingerprint()))
                .orElseThrow(() -> new IllegalStateException("no analyst of " + definition.name()));
    }

    private Outcome written(JobWork work, Analysis analysis, Supplier<Outcome> outcome)
            throws InterruptedException {
        work.beginWriting();
        Job job = work.job();
        try {
            return registryWaits.await(work, outcome);
        } catch (RuntimeException | StackOverflowError e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("requestId", job.request().getRequestId().toString())
                    .addKeyValue("topic", work.record().topic())
                    .addKeyValue("partition", work.record().partition())
                    .addKeyValue("offset", work.record().offset())
                    .log("an outcome cannot be serialized; the job becomes a dead letter");
            String message = "a bug in the worker: " + e.getClass().getSimpleName();
            return registryWaits.await(
                    work,
                    () ->
                            writer.internalError(
                                    job, message, analysis.calls(), work.earlierCalls()));
        }
    }

    /**
     * Waits until the deadline of a job whose analysis this worker does not know. Admission knows
     * it, so this worker is out of date; another worker may take the job meanwhile.
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
}
