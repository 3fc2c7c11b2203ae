package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.Main;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.Topics;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicPlan;
import dev.sluice.runtime.outcome.DeadLetterContent;
import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.simulator.QuotaPolicy;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import dev.sluice.worker.WorkerSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A complete installation for one test: topics with their own prefix, a registry and a simulator,
 * on the one broker of this JVM.
 */
final class Pipeline implements AutoCloseable {
    static final String MODEL = "gpt-4.1-mini";
    static final int PARTITIONS = 4;

    /**
     * How long tests wait for what has to come. A test that passes waits no longer than it must, so
     * this is long enough for a slow and busy machine.
     */
    static final Duration PATIENCE = Duration.ofMinutes(4);

    private static final AtomicInteger INSTALLATIONS = new AtomicInteger();

    final EmbeddedRegistry registry = EmbeddedRegistry.start();
    final Simulator simulator;
    final KafkaConnection connection;

    /** The analyses of services that start from now on. */
    AnalysisCatalog analyses;

    /** The committed records. */
    final CommittedRecords committed;

    private final Map<String, List<Deployment>> models;
    private final Path folder;
    private final Network network;

    /** The limits of users, for services that start from now on. */
    UserLimits limits = UserLimits.of(Budgets.ofEach(1_000_000));

    /** What dead letters keep, for services that start from now on. */
    DeadLetterContent deadLetters = DeadLetterContent.WHOLE;

    /** Where services that start from now on serve metrics and the console. */
    HttpSettings http = HttpSettings.loopback(0);

    /** More of the configuration of processes that start from now on. */
    String furtherConfig = "";

    /** The spans of services that start from now on. */
    RequestTraces traces = RequestTraces.off();

    private final Deque<AutoCloseable> services = new ArrayDeque<>();
    private final KafkaProducer<byte[], byte[]> producer;
    private final ConfluentAvroSerializer<AnalysisRequest> serializer =
            new ConfluentAvroSerializer<>();

    Pipeline(SimulatorSettings settings, Path folder) throws Exception {
        this(settings, folder, AnalysisCatalog.load(Optional.empty()));
    }

    Pipeline(SimulatorSettings settings, Path folder, AnalysisCatalog analyses) throws Exception {
        this(settings, folder, analyses, Network.direct(TestBroker.bootstrapServers()));
    }

    Pipeline(SimulatorSettings settings, Path folder, AnalysisCatalog analyses, Network network)
            throws Exception {
        this(settings, folder, analyses, network, PARTITIONS);
    }

    /** An installation with a requests topic that another party created. */
    static Pipeline withRequestPartitions(SimulatorSettings settings, Path folder, int partitions)
            throws Exception {
        return new Pipeline(
                settings,
                folder,
                AnalysisCatalog.load(Optional.empty()),
                Network.direct(TestBroker.bootstrapServers()),
                partitions);
    }

    private Pipeline(
            SimulatorSettings settings,
            Path folder,
            AnalysisCatalog analyses,
            Network network,
            int requestPartitions)
            throws Exception {
        this.network = network;
        this.folder = folder;
        this.analyses = analyses;
        this.simulator = Simulator.start(settings);
        this.models = models(settings.quota());
        this.connection =
                new KafkaConnection(
                        Map.of("bootstrap.servers", network.brokers()),
                        Map.of(
                                "schema.registry.url",
                                network.registry(URI.create(registry.url())).toString()),
                        new Topics("t" + INSTALLATIONS.incrementAndGet() + "."),
                        8 << 20);
        this.committed = new CommittedRecords(connection, names());
        try (Admin admin = Admin.create(connection.client())) {
            // The upstream system's own topic, which accepts any timestamp of the producer.
            NewTopic requests =
                    new NewTopic(connection.topics().requests(), requestPartitions, (short) 1)
                            .configs(
                                    Map.of(
                                            "message.timestamp.after.max.ms",
                                            String.valueOf(Long.MAX_VALUE)));
            admin.createTopics(List.of(requests)).all().get();
            List<String> created =
                    new TopicPlan(connection, names(), models.keySet(), PARTITIONS, (short) 1)
                            .create(admin);
            if (created.isEmpty()) {
                throw new IllegalStateException("the topics of this installation exist already");
            }
            TopicPlan.awaitLeaders(admin, List.of(requests));
        }
        this.producer =
                new KafkaProducer<>(
                        connection.producer(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        serializer.configure(connection.registry(), false);
    }

    /** Starts a service in this JVM and waits until it is ready. */
    Service start(Set<Role> roles) {
        Service service = launch(roles, models.keySet());
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(service.health().notReady()).isEmpty());
        return service;
    }

    /** Starts a service in this JVM whose worker reads the jobs of these models only. */
    Service launch(Set<Role> roles, Set<String> workerModels) {
        int number = services.size();
        Service service =
                Service.start(
                        new ServicePlan(
                                roles,
                                connection,
                                new ServicePlan.Knowledge(analyses, PriceTable.shipped()),
                                models,
                                AdmissionSettings.defaults(
                                                folder.resolve("state-" + number),
                                                Deployments.modelIds(models, PriceTable.shipped()),
                                                limits)
                                        .withDeadLetters(deadLetters)
                                        .withStandbys(0)
                                        .withProbeInterval(Duration.ofMillis(200)),
                                WorkerSettings.defaults(
                                                connection.topics().prefix() + "worker-" + number,
                                                workerModels)
                                        .withDeadLetters(deadLetters)
                                        .withMaxInFlight(200)
                                        .withReleaseTimeout(Duration.ofSeconds(2))
                                        .withCleanupInterval(Duration.ofSeconds(1))
                                        .withGrace(Duration.ofSeconds(30)),
                                http),
                        traces);
        services.push(service);
        return service;
    }

    private List<String> names() {
        return analyses.all().stream().map(AnalysisDefinition::name).toList();
    }

    /** Every model of the analyses, answered by the simulator within its limits. */
    private Map<String, List<Deployment>> models(Optional<QuotaPolicy> quota) {
        Map<String, List<Deployment>> deployments =
                Deployments.of(
                        Map.of(),
                        new ServicePlan.Knowledge(analyses, PriceTable.shipped()),
                        Environment.of(simulatorVariables(UnaryOperator.identity())),
                        true);
        deployments.replaceAll((name, places) ->
                places.stream().map(place -> place.with(limits(place, quota))).toList());
        return deployments;
    }

    private static ProviderLimits limits(Deployment place, Optional<QuotaPolicy> quota) {
        ProviderLimits requests = place.limits().with(Limit.REQUESTS, 600_000);
        return quota.map(policy -> requests.with(Limit.TOKENS, policy.tokensPerMinute()))
                .orElse(requests);
    }

    private String unlimitedModels() {
        return models.keySet().stream()
                .map("  %s: {deployments: [{requests-per-minute: 600000}]}"::formatted)
                .collect(Collectors.joining("\n"));
    }

    private Map<String, String> simulatorVariables(UnaryOperator<URI> route) {
        return Map.of(
                "OPENAI_BASE_URL",
                route.apply(simulator.baseUrl()).toString(),
                "OPENAI_API_KEY",
                "key",
                "ANTHROPIC_BASE_URL",
                simulator.anthropicBaseUrl().toString(),
                "ANTHROPIC_API_KEY",
                "key");
    }

    /** Starts a worker in a process of its own, with `sluice run`. */
    JavaProcess startWorkerProcess(String slot) throws IOException {
        return startWorkerProcess(slot, Map.of());
    }

    /** The same with these settings and JVM flags. */
    JavaProcess startWorkerProcess(String slot, Map<String, String> settings, String... jvmFlags)
            throws IOException {
        return startProcess(slot, "worker", settings, jvmFlags);
    }

    /**
     * Starts a service in a process of its own, with `sluice run`.
     *
     * @param settings environment variables, which take precedence over the configuration
     * @param jvmFlags flags of its JVM, which also take precedence
     */
    JavaProcess startProcess(
            String slot, String roles, Map<String, String> settings, String... jvmFlags)
            throws IOException {
        Map<String, String> variables =
                new HashMap<>(simulatorVariables(network::providerForWorkers));
        variables.putAll(settings);
        Path config = folder.resolve("sluice-" + slot + ".yaml");
        Files.writeString(
                config,
                """
                kafka:
                  bootstrap.servers: %s
                  consumer.session.timeout.ms: 6000
                schema-registry:
                  schema.registry.url: %s
                topics:
                  prefix: %s
                models:
                %s
                worker:
                  slot: %s
                  cleanup-interval: 1s
                admission:
                  state-dir: %s
                  standbys: 0
                http:
                  port: 0
                log:
                  format: plain
                %s
                """
                        .formatted(
                                network.brokersForWorkers(),
                                connection.registry().get("schema.registry.url"),
                                connection.topics().prefix(),
                                unlimitedModels(),
                                slot,
                                folder.resolve("state-" + slot),
                                furtherConfig));
        return JavaProcess.start(
                new JavaProcess.Program(
                        Main.class.getName(),
                        List.of("run", "--roles", roles, "--config", config.toString()),
                        List.of(jvmFlags),
                        variables),
                folder.resolve("worker-" + slot + ".log"));
    }

    /** A time zone in which it is noon now, far from the end of the day. */
    static ZoneOffset whereItIsNoon() {
        return ZoneOffset.ofHours(12 - LocalTime.now(ZoneOffset.UTC).getHour());
    }

    static AnalysisRequest request(String id, String content) {
        return AnalysisRequest.newBuilder()
                .setCache(CacheUse.BYPASS)
                .setRequestId(id)
                .setUserId("ann")
                .setAnalysis("seo")
                .setContent(content)
                .setAttributes(Map.of("tenant", "blue"))
                .build();
    }

    static String page(int number) {
        return "<html lang=en><head><title>Page number "
                + number
                + "</title></head><body><h1>Page "
                + number
                + "</h1><p>Some text of page "
                + number
                + ".</p></body></html>";
    }

    void publish(AnalysisRequest request) {
        publish(
                request.getRequestId().toString(),
                serializer.serialize(connection.topics().requests(), request));
    }

    /**
     * Publishes a request with a chosen timestamp to the partition of the user's ledger; waits
     * until the broker has it.
     */
    void publishAt(Instant timestamp, AnalysisRequest request) throws Exception {
        byte[] key = request.getUserId().toString().getBytes(StandardCharsets.UTF_8);
        var _ =
                producer.send(
                                new ProducerRecord<>(
                                        connection.topics().requests(),
                                        null,
                                        timestamp.toEpochMilli(),
                                        key,
                                        serialized(request)))
                        .get();
    }

    void publish(String key, byte[] value) {
        publish(key, value, Map.of());
    }

    /** Publishes a record with headers. */
    void publish(String key, byte[] value, Map<String, String> headers) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(
                        connection.topics().requests(),
                        key.getBytes(StandardCharsets.UTF_8),
                        value);
        headers.forEach(
                (name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
        var _ = producer.send(record);
    }

    byte[] serialized(AnalysisRequest request) {
        return serializer.serialize(connection.topics().requests(), request);
    }

    @Override
    public void close() {
        while (!services.isEmpty()) {
            closeQuietly(services.pop());
        }
        producer.close();
        simulator.close();
        registry.close();
    }

    private static void closeQuietly(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            throw new IllegalStateException("a part of the test's installation did not close", e);
        }
    }
}
