package dev.sluice.worker;

import dev.sluice.contract.Topics;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.worker.consume.InFlight;
import dev.sluice.worker.consume.JobPoller;
import dev.sluice.worker.consume.Tenure;
import dev.sluice.worker.process.JobRunner;
import dev.sluice.worker.publish.Finished;
import dev.sluice.worker.publish.OutcomePublisher;
import dev.sluice.worker.publish.OutcomeTransactions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running worker: one poll thread, one virtual thread per job, one publisher with a
 * transactional producer.
 */
public final class Worker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    /** Older protocols could tear a transaction in two when a producer was slow. */
    private static final short MIN_TRANSACTION_VERSION = 2;

    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

    private final WorkerSettings settings;
    private final JobRunner runner;
    private final InFlight inFlight;
    private final Admin admin;
    private final OutcomeTransactions transactions;
    private final OutcomePublisher publisher;
    private final JobPoller poller;
    private final AtomicReference<Optional<Throwable>> failure =
            new AtomicReference<>(Optional.empty());
    private final Thread pollThread;
    private final Thread publishThread;

    private Worker(
            KafkaConnection connection,
            WorkerSettings settings,
            JobRunner runner,
            SluiceMetrics metrics,
            Admin admin) {
        this.settings = settings;
        this.runner = runner;
        this.admin = admin;
        this.inFlight = new InFlight(settings.maxInFlight());
        String groupId = connection.topics().prefix() + "worker";
        this.transactions =
                OutcomeTransactions.open(
                        connection.producer(), settings.transactionalId(), admin, groupId);
        this.poller =
                new JobPoller(
                        new KafkaConsumer<>(
                                consumerSettings(connection, groupId),
                                new ByteArrayDeserializer(),
                                new ByteArrayDeserializer()),
                        modelsByTopic(connection.topics(), settings),
                        inFlight,
                        new Intake(),
                        settings.releaseTimeout());
        this.publisher =
                new OutcomePublisher(
                        transactions,
                        poller::snapshot,
                        inFlight,
                        metrics,
                        settings.linger(),
                        settings.maxOutcomes());
        this.pollThread = guarded("worker-poll", poller);
        this.publishThread = guarded("worker-publish", publisher);
        for (String model : settings.models()) {
            metrics.gauge(Metric.IN_FLIGHT, () -> inFlight.count(model), model);
        }
    }

    /**
     * Starts working.
     *
     * @throws IllegalStateException if the brokers are too old to commit exactly once
     */
    public static Worker start(
            KafkaConnection connection,
            WorkerSettings settings,
            JobRunner runner,
            SluiceMetrics metrics,
            Health health) {
        Admin admin = Admin.create(connection.client());
        requireTransactionVersion(admin);
        Worker worker = new Worker(connection, settings, runner, metrics, admin);
        health.live("worker", () -> worker.failure.get().map(e -> "stopped: " + e));
        health.ready(
                "worker",
                () ->
                        worker.poller.snapshot().tenures().isEmpty()
                                ? Optional.of("has no partitions")
                                : Optional.empty());
        health.ready(
                "worker-publishing",
                () -> Optional.ofNullable(worker.publisher.lastFailure()).map(Object::toString));
        health.ready(
                "worker-analyses",
                () ->
                        runner.unknownAnalyses().isEmpty()
                                ? Optional.empty()
                                : Optional.of("does not know " + runner.unknownAnalyses()));
        worker.publishThread.start();
        worker.pollThread.start();
        return worker;
    }

    /** Takes no more jobs, lets those under way end within the grace period, and publishes them. */
    @Override
    public void close() {
        try {
            poller.drainAndStop(settings.grace());
            publisher.stop();
            transactions.giveUp();
            if (!publishThread.join(STOP_LIMIT)) {
                log.atWarn().log("the publisher did not stop in time; its transaction times out");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        transactions.close();
        admin.close();
    }

    private final class Intake implements JobPoller.JobIntake {
        @Override
        public void accept(Tenure tenure, ConsumerRecord<byte[], byte[]> job) {
            Thread _ =
                    Thread.ofVirtual()
                            .name(job.topic() + "-" + job.partition() + "@" + job.offset())
                            .start(() -> work(tenure, job));
        }

        @Override
        public void publishFinished(Runnable then) {
            publisher.publishFinished(then);
        }
    }

    private void work(Tenure tenure, ConsumerRecord<byte[], byte[]> job) {
        Thread current = Thread.currentThread();
        boolean submitted = false;
        try {
            if (tenure.enter(current)) {
                Outcome outcome = runner.run(job);
                publisher.submit(new Finished(tenure, job.offset(), outcome));
                submitted = true;
            }
        } catch (InterruptedException e) {
            log.atDebug()
                    .addKeyValue("partition", job.partition())
                    .addKeyValue("offset", job.offset())
                    .log("job cancelled: its partition moved on");
        } catch (RuntimeException | Error e) {
            if (e instanceof RuntimeException && !tenure.isLive()) {
                log.atDebug().setCause(e).log("job cancelled: its partition moved on");
                return;
            }
            // The boundary around a job. It could not even be dead-lettered: stop, lose nothing.
            failure.set(Optional.of(e));
            log.atError()
                    .setCause(e)
                    .addKeyValue("topic", job.topic())
                    .addKeyValue("partition", job.partition())
                    .addKeyValue("offset", job.offset())
                    .log("worker is broken: a job has no outcome");
        } finally {
            tenure.leave(current);
            if (!submitted) {
                inFlight.end(tenure.model());
            }
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
                                .log("worker stops: it met a bug or a broken environment");
                    }
                });
    }

    private static Map<String, String> modelsByTopic(Topics topics, WorkerSettings settings) {
        Map<String, String> models = new HashMap<>();
        for (String model : settings.models()) {
            models.put(topics.jobs(model), model);
            models.put(topics.bulkJobs(model), model);
        }
        return models;
    }

    private static Map<String, Object> consumerSettings(
            KafkaConnection connection, String groupId) {
        Map<String, Object> consumer = new HashMap<>(connection.consumer());
        consumer.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
        consumer.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");
        // Partition p of every topic goes to one member: its share of a model's quota is then
        // known.
        consumer.put(ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG, "range");
        return consumer;
    }

    private static void requireTransactionVersion(Admin admin) {
        try {
            var feature =
                    admin.describeFeatures()
                            .featureMetadata()
                            .get()
                            .finalizedFeatures()
                            .get("transaction.version");
            short version = feature == null ? 0 : feature.maxVersionLevel();
            if (version < MIN_TRANSACTION_VERSION) {
                throw new IllegalStateException(
                        "the brokers' transaction.version is "
                                + version
                                + ", needed is "
                                + MIN_TRANSACTION_VERSION
                                + ": upgrade with kafka-features upgrade --feature"
                                + " transaction.version=2");
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot ask the brokers for their features", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", e);
        }
    }
}
