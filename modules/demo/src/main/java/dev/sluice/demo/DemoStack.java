package dev.sluice.demo;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.service.Service;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.EmbeddedKafka;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.SubjectPlan;
import dev.sluice.runtime.kafka.TopicPlan;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import dev.sluice.worker.WorkerSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * All parts of the demo in this process: broker, schema registry, model provider or simulator, and
 * the service.
 */
final class DemoStack implements AutoCloseable {
    private static final int PARTITIONS = 4;
    private static final int UNLIMITED = 60_000;
    private static final int MAX_REQUEST_BYTES = 8 << 20;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final EmbeddedKafka kafka;
    private final EmbeddedRegistry registry;
    private final Optional<Simulator> simulator;
    private final KafkaConnection connection;
    private final AnalysisCatalog analyses;
    private final PriceTable prices;
    private final Service service;

    private DemoStack(SimulatorSettings settings, boolean live)
            throws IOException, InterruptedException {
        try {
            this.kafka = opened(EmbeddedKafka.start());
            this.registry = opened(EmbeddedRegistry.start());
            this.simulator =
                    live ? Optional.empty() : Optional.of(opened(Simulator.start(settings)));
            this.connection =
                    new KafkaConnection(
                            Map.of("bootstrap.servers", kafka.bootstrapServers()),
                            Map.of("schema.registry.url", registry.url()),
                            new Topics(Topics.DEFAULT_PREFIX),
                            MAX_REQUEST_BYTES);
            this.analyses = AnalysisCatalog.load(Optional.empty());
            this.prices = PriceTable.shipped();
            Map<String, List<Deployment>> models = models();
            createTopics(models.keySet());
            Path state = Files.createTempDirectory("sluice-demo-");
            parts.push(() -> delete(state));
            this.service = opened(Service.start(plan(models, state)));
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * Starts all parts.
     *
     * @param live whether the real providers are called; otherwise the simulator answers
     */
    static DemoStack start(SimulatorSettings settings, boolean live)
            throws IOException, InterruptedException {
        return new DemoStack(settings, live);
    }

    KafkaConnection connection() {
        return connection;
    }

    AnalysisCatalog analyses() {
        return analyses;
    }

    Optional<Simulator> simulator() {
        return simulator;
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    String registryUrl() {
        return registry.url();
    }

    URI httpUrl() {
        return service.httpAddress();
    }

    /** Waits until every part is ready, so that the first page is as fast as the last. */
    void awaitReady(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!service.health().notReady().isEmpty() && System.nanoTime() < end) {
            Thread.sleep(Duration.ofMillis(20));
        }
    }

    /** The problems of parts that cannot continue. */
    Map<String, String> broken() {
        return service.health().notLive();
    }

    @Override
    public synchronized void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                System.err.println("a part of the demo did not close cleanly: " + e);
            }
        }
    }

    /**
     * Deployments without limits, because the simulator has none; so the demo is as fast as the
     * pipeline.
     */
    private Map<String, List<Deployment>> models() {
        Environment environment =
                simulator
                        .map(running -> new SimulatedProvider.Started(running).environment())
                        .orElseGet(Environment::load);
        Map<String, List<Deployment>> models =
                Deployments.of(
                        Map.of(), new ServicePlan.Knowledge(analyses, prices), environment, true);
        if (simulator.isPresent()) {
            models.replaceAll((name, places) ->
                    places.stream()
                            .map(place ->
                                    place.with(place.limits().with(Limit.REQUESTS, UNLIMITED)))
                            .toList());
        }
        return models;
    }

    private void createTopics(Set<String> models) throws InterruptedException {
        Set<String> names =
                analyses.all().stream().map(AnalysisDefinition::name).collect(Collectors.toSet());
        try (Admin admin = Admin.create(connection.client())) {
            var _ = new TopicPlan(connection, names, models, PARTITIONS, (short) 1).create(admin);
        }
        try (SchemaRegistry schemas = connection.openRegistry()) {
            var _ = new SubjectPlan(connection).create(schemas);
        }
    }

    private ServicePlan plan(Map<String, List<Deployment>> models, Path state) {
        return new ServicePlan(
                EnumSet.allOf(ServicePlan.Role.class),
                connection,
                new ServicePlan.Knowledge(analyses, prices),
                models,
                AdmissionSettings.defaults(
                                state,
                                Deployments.modelIds(models, prices),
                                UserLimits.of(Budgets.ofEach(5)))
                        .withStandbys(0),
                WorkerSettings.defaults("demo-worker", models.keySet())
                        .withGrace(Duration.ofSeconds(10)),
                new ServicePlan.HttpAddress("127.0.0.1", 0));
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
