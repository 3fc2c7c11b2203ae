package dev.sluice.worker;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Topics;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.kafka.AclPlan;
import dev.sluice.runtime.kafka.Dependencies;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.RecordCleanup;
import dev.sluice.runtime.kafka.RequiredTopics;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.runtime.outcome.OutcomeWriter;
import dev.sluice.runtime.telemetry.Telemetry;
import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.worker.consume.CommittedOffsets;
import dev.sluice.worker.consume.InFlight;
import dev.sluice.worker.consume.JobIntake;
import dev.sluice.worker.consume.JobPoller;
import dev.sluice.worker.consume.JobSource;
import dev.sluice.worker.consume.ObsoleteJobs;
import dev.sluice.worker.consume.PartitionAssignment;
import dev.sluice.worker.consume.RunningJob;
import dev.sluice.worker.consume.StableOffsets;
import dev.sluice.worker.consume.UnreadJobs;
import dev.sluice.worker.journal.Journal;
import dev.sluice.worker.process.JobRunner;
import dev.sluice.worker.publish.CompletedJob;
import dev.sluice.worker.publish.OutcomePublisher;
import dev.sluice.worker.publish.OutcomeReport;
import dev.sluice.worker.publish.OutcomeTransactions;
import dev.sluice.worker.publish.WorkersGroup;
import dev.sluice.worker.trace.JobTrace;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running worker: turns jobs into outcomes. It has one poll thread, one virtual thread per job,
 * and one publisher thread with a transactional producer.
 */
public final class Worker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    /**
     * Lowest transaction version of the brokers. Under older protocols a slow producer's
     * transaction could be split in two.
     */
    public static final short MIN_TRANSACTION_VERSION = 2;

    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

    /** How long to wait for cancelled calls; they return within milliseconds. */
    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(5);

    private final WorkerSettings settings;
    private final JobRunner runner;
    private final Optional<Journal> journal;
    private final Quota quota;
    private final RequestTraces traces;
    private final InFlight inFlight;
    private final OutcomeTransactions transactions;
    private final OutcomePublisher publisher;
    private final KafkaClientMetrics consumerMetrics;
    private final JobPoller poller;
    private final AtomicInteger runningJobs = new AtomicInteger();
    private final AtomicReference<Optional<Throwable>> failure =
            new AtomicReference<>(Optional.empty());
    private final RecordCleanup cleanup;
    private final UnreadJobs unreadJobs;
    private final Thread pollThread;
    private final InstantSource clock = InstantSource.system();
    private final InstantSource steady = new SteadyClock();
    private final Thread publishThread;
    private final Optional<Thread> journalThread;
    private final Thread cleanupThread;
    private final Thread unreadJobsThread;

    private Worker(
            KafkaConnection connection,
            WorkerSettings settings,
            Work work,
            Telemetry telemetry,
            Admin admin) {
        SluiceMetrics metrics = telemetry.metrics();
        this.settings = settings;
        this.runner = work.runner();
        this.journal = work.journal();
        this.quota = work.quota();
        this.traces = telemetry.traces();
        this.inFlight = new InFlight(settings.maxInFlight(), settings.maxInFlightBytes());
        String groupId = connection.topics().prefix() + "worker";
        CommittedOffsets committed = new StableOffsets(admin, groupId);
        Map<String, JobSource> sources = sources(connection.topics(), settings);
        KafkaConsumer<byte[], byte[]> consumer =
                KafkaConnection.openConsumer(consumerSettings(connection, groupId));
        this.consumerMetrics = new KafkaClientMetrics(consumer);
        metrics.bind(consumerMetrics);
        this.transactions =
                OutcomeTransactions.open(
                        connection.producer(),
                        settings.transactionalId(),
                        metrics,
                        admin,
                        new WorkersGroup(
                                admin, committed, consumer.groupMetadata(), sources.keySet()));
        this.poller =
                new JobPoller(
                        consumer,
                        committed,
                        sources,
                        journal.isPresent(),
                        inFlight,
                        new Intake(),
                        settings.releaseTimeout(),
                        steady);
        this.publisher =
                new OutcomePublisher(
                        transactions,
                        poller::snapshot,
                        work.writer()::late,
                        new OutcomeReport(inFlight, telemetry),
                        settings.commitInterval(),
                        settings.maxOutcomes(),
                        steady);
        this.cleanup =
                new RecordCleanup(
                        admin,
                        () ->
                                ObsoleteJobs.below(
                                        poller.snapshot().assignments().values(),
                                        connection.topics()),
                        settings.cleanupInterval());
        this.unreadJobs =
                new UnreadJobs(
                        admin, connection, settings.models(), groupId, settings.cleanupInterval());
        this.unreadJobsThread = guarded("worker-unread-jobs", unreadJobs);
        this.cleanupThread = guarded("worker-cleanup", cleanup);
        this.pollThread = guarded("worker-poll", poller);
        this.publishThread = guarded("worker-publish", publisher);
        this.journalThread = journal.map(open -> guarded("worker-journal", open.reading()));
        WorkerMetrics gauges = new WorkerMetrics(inFlight, poller);
        settings.models().forEach(model -> gauges.register(metrics, model));
        metrics.gauge(Metric.REJECTED, publisher::rejected);
    }

    /**
     * The parts that process the worker's jobs.
     *
     * @param journal records calls, if the journal is enabled; closed by the code that opened it
     * @param quota receives the share of each model's partitions that the worker holds
     */
    public record Work(
            JobRunner runner, OutcomeWriter writer, Optional<Journal> journal, Quota quota) {}

    /** Divides the limits that all workers share. */
    public interface Quota {
        /** Reports the share of the model's partitions that this worker holds, from 0 to 1. */
        void share(String model, double share);
    }

    /**
     * Starts the worker. It is not ready until it is a member of the workers' group.
     *
     * @throws EnvironmentException if the brokers do not answer or are too old to commit exactly
     *     once, or if topics are missing
     */
    public static Worker start(
            KafkaConnection connection,
            WorkerSettings settings,
            Work work,
            Telemetry telemetry,
            Health health,
            Dependencies dependencies) {
        dependencies.requireTransactionVersion(MIN_TRANSACTION_VERSION);
        var _ =
                RequiredTopics.described(
                        dependencies,
                        connection.topics(),
                        AclPlan.Role.WORKER,
                        topics(connection.topics(), settings));
        Worker worker = new Worker(connection, settings, work, telemetry, dependencies.admin());
        health.live("worker", () -> worker.failure.get().map(e -> "stopped: " + e));
        WorkerHealth reports = new WorkerHealth(worker.poller, worker.publisher, worker.unreadJobs);
        reports.addTo(health, work);
        reports.watchLoops(
                health,
                // The poll loop waits for jobs of partitions that it has to release.
                connection.maxPollInterval().plus(settings.releaseTimeout()),
                () -> !dependencies.answer(),
                worker.steady);
        worker.journalThread.ifPresent(Thread::start);
        worker.publishThread.start();
        worker.cleanupThread.start();
        worker.unreadJobsThread.start();
        worker.pollThread.start();
        return worker;
    }

    /**
     * Stops the worker: takes no more jobs, lets running jobs finish within the grace period, and
     * publishes their outcomes.
     */
    @Override
    public void close() {
        try {
            consumerMetrics.close();
            cleanup.stop();
            unreadJobs.stop();
            poller.drainAndStop(settings.grace());
            awaitCancelled();
            publisher.stop();
            transactions.giveUp();
            if (!publishThread.join(STOP_LIMIT)) {
                log.atWarn().log("the publisher did not stop in time; its transaction times out");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        journal.ifPresent(Journal::stopReading);
        transactions.close();
    }

    /** Waits for cancelled jobs, which still record the ends of their calls in the journal. */
    private void awaitCancelled() throws InterruptedException {
        long end = System.nanoTime() + CANCEL_LIMIT.toNanos();
        while (runningJobs.get() > 0 && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private final class Intake implements JobIntake {
        @Override
        public void holds(String model, double share) {
            quota.share(model, share);
        }

        @Override
        public void begin(PartitionAssignment assignment) {
            journal.ifPresent(open ->
                    assignment
                            .journal()
                            .ifPresent(held ->
                                    open.begin(
                                            assignment.model(),
                                            assignment.partition().partition(),
                                            held)));
        }

        @Override
        public void accept(PartitionAssignment assignment, ConsumerRecord<byte[], byte[]> job) {
            runningJobs.incrementAndGet();
            Thread _ =
                    Thread.ofVirtual()
                            .name(job.topic() + "-" + job.partition() + "@" + job.offset())
                            .start(() -> work(assignment, job));
        }

        @Override
        public void publishFinished(Runnable then) {
            publisher.publishFinished(then);
        }
    }

    private void work(PartitionAssignment assignment, ConsumerRecord<byte[], byte[]> job) {
        Thread current = Thread.currentThread();
        boolean submitted = false;
        try {
            Optional<RunningJob> entered = assignment.enter(job.offset(), current);
            if (entered.isPresent()) {
                Instant started = clock.instant();
                JobTrace trace = new JobTrace(traces, job.headers(), started);
                Outcome outcome = runner.run(job, assignment, entered.get(), trace);
                entered.get().at(RunningJob.Stage.FINISHED);
                publisher.submit(
                        new CompletedJob(
                                assignment,
                                job.offset(),
                                job.serializedValueSize(),
                                started,
                                clock.instant(),
                                trace,
                                outcome));
                submitted = true;
            }
        } catch (InterruptedException e) {
            log.atDebug()
                    .addKeyValue("partition", job.partition())
                    .addKeyValue("offset", job.offset())
                    .log("job cancelled: its partition moves to another worker");
        } catch (RuntimeException | Error e) {
            if (e instanceof RuntimeException && assignment.isLeaving()) {
                log.atDebug()
                        .setCause(e)
                        .log("job cancelled: its partition moves to another worker");
                return;
            }
            // The boundary around a job. Not even a dead letter could be made of this job: stop,
            // lose nothing.
            assignment.broke();
            failure.set(Optional.of(e));
            log.atError()
                    .setCause(e)
                    .addKeyValue("topic", job.topic())
                    .addKeyValue("partition", job.partition())
                    .addKeyValue("offset", job.offset())
                    .log("worker is broken: a job failed without an outcome");
        } finally {
            assignment.leave(job.offset());
            if (!submitted) {
                inFlight.end(assignment.source(), job.serializedValueSize());
            }
            runningJobs.decrementAndGet();
        }
    }

    private Thread guarded(String name, Runnable loop) {
        return Thread.ofPlatform()
                .name(name)
                .unstarted(() -> {
                    try {
                        loop.run();
                    } catch (RuntimeException | Error e) {
                        failure.set(Optional.of(e));
                        log.atError()
                                .setCause(e)
                                .addKeyValue("thread", name)
                                .log("worker stops: a bug, or something it depends on is broken");
                    }
                });
    }

    /**
     * Topics that must exist: those the worker reads, and those it writes with every outcome.
     * Outcomes for a missing results topic wait.
     */
    private static List<String> topics(Topics topics, WorkerSettings settings) {
        List<String> names =
                new ArrayList<>(
                        List.of(topics.calls(), topics.settlements(), topics.deadLetters()));
        names.addAll(sources(topics, settings).keySet());
        if (settings.journal()) {
            settings.models().forEach(model -> names.add(topics.attempts(model)));
        }
        return names;
    }

    private static Map<String, JobSource> sources(Topics topics, WorkerSettings settings) {
        Map<String, JobSource> sources = new HashMap<>();
        for (String model : settings.models()) {
            sources.put(topics.jobs(model), new JobSource(model, Priority.INTERACTIVE));
            sources.put(topics.bulkJobs(model), new JobSource(model, Priority.BULK));
        }
        return sources;
    }

    private static Map<String, Object> consumerSettings(
            KafkaConnection connection, String groupId) {
        Map<String, Object> consumer = new HashMap<>(connection.consumer());
        consumer.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
        consumer.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");
        // Partition p of every topic goes to one member, so its share of a model's quota is known.
        consumer.put(ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG, "range");
        return consumer;
    }
}
