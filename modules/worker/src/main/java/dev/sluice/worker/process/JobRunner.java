package dev.sluice.worker.process;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.AnalysisTask;
import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.CallJournal;
import dev.sluice.analysis.Urgency;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Lane;
import dev.sluice.contract.ModelCall;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.job.JobReader;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.outcome.ContractPrices;
import dev.sluice.runtime.outcome.Deadlines;
import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.runtime.outcome.OutcomeWriter;
import dev.sluice.worker.journal.JobJournal;
import dev.sluice.worker.journal.Journal;
import dev.sluice.worker.journal.TenureJournal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on one job from its record to its outcome. Waits while the registry gives no answer, and
 * for an analysis that this worker does not know yet. Safe for use by many threads.
 */
public final class JobRunner {
    private static final Logger log = LoggerFactory.getLogger(JobRunner.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration LAST_WORD = Duration.ofSeconds(5);

    private final JobReader jobs;
    private final AnalysisCatalog analyses;
    private final Map<String, Analyst> analysts;
    private final OutcomeWriter writer;
    private final Optional<Journal> journal;
    private final Set<String> unknownAnalyses = ConcurrentHashMap.newKeySet();

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

    /** Analyses that jobs name and this worker does not know: it needs an update. */
    public Set<String> unknownAnalyses() {
        return Set.copyOf(unknownAnalyses);
    }

    /**
     * The outcome of a job.
     *
     * @param lane where it was read
     * @param tenure what is on record of earlier calls, where a journal is kept
     * @throws InterruptedException if the job is cancelled
     */
    public Outcome run(
            ConsumerRecord<byte[], byte[]> record, Lane lane, Optional<TenureJournal> tenure)
            throws InterruptedException {
        if (tenure.isPresent()) {
            tenure.get().awaitOpen();
        }
        Job job = patiently(Optional.empty(), () -> jobs.read(record));
        Optional<JobJournal> calls =
                journal.flatMap(open ->
                        tenure.map(
                                held -> open.of(held, job, record.partition(), record.offset())));
        String name = job.request().getAnalysis().toString();
        AnalysisDefinition definition = awaitDefinition(name);
        if (calls.isEmpty()) {
            return analysed(record, lane, job, definition, calls);
        }
        if (isCondemned(calls.get())) {
            return patiently(
                    Optional.empty(), () -> writer.crashedWorker(job, calls.get().earlierCalls()));
        }
        boolean broken = true;
        try {
            calls.get().resume();
            Outcome outcome = analysed(record, lane, job, definition, calls);
            broken = false;
            return outcome;
        } catch (InterruptedException e) {
            broken = false;
            throw e;
        } finally {
            if (broken) {
                calls.get().abandon();
            } else {
                calls.get().rest();
            }
        }
    }

    /** The end of a call may still be on its way from a worker that is only slow. */
    private static boolean isCondemned(JobJournal calls) throws InterruptedException {
        if (calls.killedAlone()) {
            Thread.sleep(LAST_WORD);
        }
        return calls.killedAlone();
    }

    private Outcome analysed(
            ConsumerRecord<byte[], byte[]> record,
            Lane lane,
            Job job,
            AnalysisDefinition definition,
            Optional<JobJournal> calls)
            throws InterruptedException {
        Analyst analyst = analysts.get(definition.name());
        if (analyst == null) {
            throw new IllegalStateException("no analyst of " + definition.name());
        }
        Analysis analysis = analyst.analyse(task(job, lane, calls));
        List<ModelCall> earlier = calls.map(JobJournal::earlierCalls).orElse(List.of());
        try {
            return patiently(calls, () -> writer.write(job, definition, analysis, earlier));
        } catch (RuntimeException e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("requestId", job.request().getRequestId())
                    .addKeyValue("topic", record.topic())
                    .addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset())
                    .log("an outcome cannot be written");
            String message = "a bug in the worker: " + e.getClass().getSimpleName();
            return patiently(
                    calls, () -> writer.internalError(job, message, analysis.calls(), earlier));
        }
    }

    /** Jobs of an unknown analysis wait: admission knew it, so this worker is out of date. */
    private AnalysisDefinition awaitDefinition(String name) throws InterruptedException {
        while (true) {
            var definition = analyses.find(name);
            if (definition.isPresent()) {
                return definition.get();
            }
            if (unknownAnalyses.add(name)) {
                log.atError()
                        .addKeyValue("analysis", name)
                        .log("jobs wait: this worker does not know their analysis; update it");
            }
            Thread.sleep(PAUSE);
        }
    }

    private static AnalysisTask task(Job job, Lane lane, Optional<JobJournal> calls) {
        Instant received =
                job.admitted().getSource().getTimestamp() == null
                        ? Instant.EPOCH
                        : job.admitted().getSource().getTimestamp();
        return new AnalysisTask(
                job.request().getRequestId().toString(),
                job.request().getContent().toString(),
                lane == Lane.BULK ? Urgency.BULK : Urgency.INTERACTIVE,
                Deadlines.of(job.request(), received),
                new Cost(job.reservation().getCap()),
                job.reservation().getPrices().stream().map(ContractPrices::fromContract).toList(),
                calls.<CallJournal>map(own -> own).orElse(CallJournal.NONE));
    }

    /** A job that waits for the registry lets others work. */
    private static <T> T patiently(Optional<JobJournal> calls, Supplier<T> step)
            throws InterruptedException {
        return RegistryOutage.waitOut(
                step,
                reason -> {
                    log.atWarn()
                            .addKeyValue("reason", reason.getMessage())
                            .log("job waits: the schema registry gives no answer");
                    calls.ifPresent(JobJournal::rest);
                    Thread.sleep(PAUSE);
                    if (calls.isPresent()) {
                        calls.get().resume();
                    }
                });
    }
}
