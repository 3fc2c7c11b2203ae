package dev.sluice.admission;

import dev.sluice.admission.canary.Trials;
import dev.sluice.admission.decide.AdmissionDecider;
import dev.sluice.admission.decide.JobWriter;
import dev.sluice.admission.decide.OutcomeCopies;
import dev.sluice.admission.decide.TickBudget;
import dev.sluice.admission.outage.RegistryQueue;
import dev.sluice.admission.settle.SettlementReader;
import dev.sluice.admission.validate.DenialWriter;
import dev.sluice.admission.validate.RecordDecoder;
import dev.sluice.admission.validate.RequestValidator;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.BudgetChange;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.UserPartitioner;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.health.LoopMonitor;
import dev.sluice.runtime.kafka.Dependencies;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.RecordCleanup;
import dev.sluice.runtime.outcome.DeadLetterWriter;
import dev.sluice.runtime.result.ResultCopies;
import dev.sluice.runtime.telemetry.Telemetry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running admission: a Kafka Streams application with exactly-once processing. */
public final class Admission implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Admission.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration CLEANUP = Duration.ofMinutes(1);

    private final KafkaStreams streams;
    private final KafkaStreamsMetrics streamsMetrics;
    private final RecordCleanup cleanup;

    private Admission(
            KafkaStreams streams, KafkaStreamsMetrics streamsMetrics, RecordCleanup cleanup) {
        this.streamsMetrics = streamsMetrics;
        this.streams = streams;
        this.cleanup = cleanup;
    }

    /**
     * Starts admission. {@link Health} reports when it is ready.
     *
     * @throws EnvironmentException if the brokers do not answer, or topics, offsets or the state
     *     folder are not as required; the message names the fix
     */
    public static Admission start(
            KafkaConnection connection,
            AdmissionSettings settings,
            AnalysisCatalog analyses,
            PriceTable prices,
            Telemetry telemetry,
            Health health,
            Dependencies dependencies) {
        InstantSource clock = InstantSource.system();
        StateFolder folder = new StateFolder(settings.stateDirectory());
        folder.require();
        Admin admin = dependencies.admin();
        SchemaRegistry registry = dependencies.registry();
        List<String> analysisNames = analyses.all().stream().map(AnalysisDefinition::name).toList();
        AdmissionDecider.Rules rules =
                rules(connection, registry, settings, analyses, prices, clock);
        UserPartitioner partitioner =
                AdmissionTopics.partitioner(
                        dependencies,
                        connection.topics(),
                        settings.modelIds().keySet(),
                        analysisNames);
        Path state = folder.of(clusterId(dependencies));
        ExpiredOffsets.requireNone(dependencies, connection, applicationId(connection));
        RegistryQueue.Totals waiting = new RegistryQueue.Totals();
        InstantSource steady = new SteadyClock();
        TaskTurns turns = new TaskTurns(steady);
        AdmissionMetrics admissionMetrics = new AdmissionMetrics(telemetry, waiting, clock);
        admissionMetrics.register(settings.limits().ceilings());
        admissionMetrics.register(rules.trials());
        rules.trials().announce();
        AdmissionTopology.Exchanges exchanges =
                new AdmissionTopology.Exchanges(
                        !settings.limits().ceilings().isEmpty(), !rules.trials().isEmpty());
        AdmissionParts parts =
                new AdmissionParts(
                        connection.topics(),
                        partitioner,
                        rules,
                        exchanges,
                        new SettlementReader(
                                connection.deserializer(registry, Settlement.class), clock),
                        new RecordDecoder<>(connection.deserializer(registry, BudgetChange.class)),
                        connection.serializer(registry),
                        admissionMetrics,
                        turns,
                        new AdmissionTraces(telemetry.traces(), clock),
                        clock,
                        settings.probeInterval(),
                        ThreadLocal.withInitial(TickBudget::new));
        Topology topology =
                AdmissionTopology.build(
                        connection.topics(),
                        settings.modelIds().keySet(),
                        analysisNames,
                        connection.maxInternalBytes(),
                        partitioner,
                        exchanges,
                        clock,
                        () -> new AdmissionProcessor(parts));
        KafkaStreams streams =
                folder.opened(
                        () -> new KafkaStreams(topology, properties(connection, settings, state)));
        FailedThreads failed = new FailedThreads(settings.threads(), folder, clock);
        streams.setUncaughtExceptionHandler(failed);
        health.live(
                "admission",
                () -> failed.fatal().or(() -> problem(streams, KafkaStreams.State.ERROR)));
        LoopMonitor loops =
                new LoopMonitor(
                        connection.maxPollInterval(),
                        turns::oldest,
                        () ->
                                !dependencies.answer()
                                        || streams.state() != KafkaStreams.State.RUNNING,
                        steady);
        health.live("admission-tasks", loops::problem);
        health.ready(
                "admission",
                () ->
                        streams.state() == KafkaStreams.State.RUNNING
                                ? Optional.empty()
                                : Optional.of("is " + streams.state()));
        health.ready(
                "admission-pending",
                () ->
                        waiting.pending().get() == 0
                                ? Optional.empty()
                                : Optional.of(
                                        waiting.pending()
                                                + " records wait for the schema registry"));
        streams.start();
        RecordCleanup cleanup =
                new RecordCleanup(admin, () -> committed(admin, connection), CLEANUP);
        var _ = Thread.ofPlatform().name("admission-cleanup").daemon().start(cleanup);
        KafkaStreamsMetrics streamsMetrics = new KafkaStreamsMetrics(streams);
        telemetry.metrics().bind(streamsMetrics);
        return new Admission(streams, streamsMetrics, cleanup);
    }

    @Override
    public void close() {
        streamsMetrics.close();
        // Leaving the group lets another instance take over at once instead of after the session
        // timeout.
        boolean stopped =
                streams.close(
                        CloseOptions.timeout(CLOSE_TIMEOUT)
                                .withGroupMembershipOperation(
                                        CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        if (!stopped) {
            log.atWarn().log("admission did not stop in time; its open transaction will time out");
        }
        cleanup.stop();
    }

    static AdmissionDecider.Rules rules(
            KafkaConnection connection,
            SchemaRegistry registry,
            AdmissionSettings settings,
            AnalysisCatalog analyses,
            PriceTable prices,
            InstantSource clock) {
        ConfluentAvroSerializer<Object> serializer = connection.serializer(registry);
        DenialWriter denials =
                new DenialWriter(
                        new DeadLetterWriter(
                                connection.topics(),
                                serializer,
                                connection.maxInternalBytes(),
                                settings.deadLetters()),
                        analyses,
                        clock);
        Trials trials = Trials.of(analyses);
        return new AdmissionDecider.Rules(
                new RequestValidator(
                        connection,
                        registry,
                        new RequestValidator.Knowledge(analyses, prices, settings.modelIds()),
                        trials,
                        denials,
                        settings.limits().budgets(),
                        clock),
                new JobWriter(connection.topics(), serializer, clock),
                denials,
                new OutcomeCopies(
                        connection.topics(),
                        new ResultCopies(registry),
                        connection.deserializer(registry, DeadLetter.class),
                        denials),
                settings.limits(),
                trials,
                settings.maxSharedBytes());
    }

    /**
     * The committed offsets of the topics that only admission reads; earlier records can be
     * deleted.
     */
    private static Map<TopicPartition, Long> committed(Admin admin, KafkaConnection connection)
            throws ExecutionException, InterruptedException {
        Set<String> own =
                Set.of(
                        connection.topics().settlements(),
                        connection.topics().repartitionedRequests());
        Map<TopicPartition, Long> committed = new HashMap<>();
        admin.listConsumerGroupOffsets(applicationId(connection))
                .partitionsToOffsetAndMetadata()
                .get()
                .forEach((partition, commit) -> {
                    if (commit != null && own.contains(partition.topic())) {
                        committed.put(partition, commit.offset());
                    }
                });
        return committed;
    }

    private static Optional<String> problem(KafkaStreams streams, KafkaStreams.State bad) {
        return streams.state() == bad ? Optional.of("is " + bad) : Optional.empty();
    }

    private static String applicationId(KafkaConnection connection) {
        return connection.topics().prefix() + "admission";
    }

    private static String clusterId(Dependencies dependencies) {
        try {
            return dependencies.answer(dependencies.admin().describeCluster().clusterId());
        } catch (ExecutionException e) {
            throw new EnvironmentException(
                    "the brokers do not tell the id of their cluster: " + e.getCause(), e);
        }
    }

    /** Polls are as short as commits: the defaults of both cost 126 ms per hop. */
    private static Properties properties(
            KafkaConnection connection, AdmissionSettings settings, Path state) {
        Properties properties = new Properties();
        properties.put(
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.commitInterval().toMillis());
        properties.put(StreamsConfig.POLL_MS_CONFIG, 5);
        properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, -1);
        properties.putAll(connection.client());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId(connection));
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
        properties.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, settings.standbys());
        properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        connection
                .producer()
                .forEach((key, value) -> properties.put(StreamsConfig.producerPrefix(key), value));
        properties.put(StreamsConfig.producerPrefix("retry.backoff.ms"), 5);
        properties.put(
                StreamsConfig.consumerPrefix("fetch.max.bytes"),
                Math.max(50 << 20, connection.maxInternalBytes()));
        return properties;
    }
}
