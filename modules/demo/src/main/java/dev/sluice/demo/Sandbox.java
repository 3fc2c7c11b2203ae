package dev.sluice.demo;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.EmbeddedKafka;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.SubjectPlan;
import dev.sluice.runtime.kafka.TopicPlan;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;

/**
 * What Sluice needs around it, in this process and on loopback: a Kafka broker with Sluice's
 * topics, a schema registry, and the simulated provider.
 */
final class Sandbox implements AutoCloseable {
    /** Of each topic. */
    static final int PARTITIONS = 4;

    private static final int MAX_REQUEST_BYTES = 8 << 20;

    /** Requests a minute, of each model: more than a machine can send. */
    static final long UNLIMITED = 60_000;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final EmbeddedKafka kafka;
    private final EmbeddedRegistry registry;
    private final Optional<Simulator> simulator;
    private final KafkaConnection connection;
    private final AnalysisCatalog analyses = AnalysisCatalog.load(Optional.empty());
    private final PriceTable prices = PriceTable.shipped();
    private final Map<String, List<Deployment>> models;

    private Sandbox(Optional<SimulatorSettings> simulation) throws InterruptedException {
        try {
            this.kafka = opened(EmbeddedKafka.start());
            this.registry = opened(EmbeddedRegistry.start());
            this.simulator = simulation.map(settings -> opened(Simulator.start(settings)));
            this.connection =
                    new KafkaConnection(
                            Map.of("bootstrap.servers", kafka.bootstrapServers()),
                            Map.of("schema.registry.url", registry.url()),
                            new Topics(Topics.DEFAULT_PREFIX),
                            MAX_REQUEST_BYTES);
            this.models = deployments();
            createTopics();
        } catch (InterruptedException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * Starts all parts.
     *
     * @param simulation how the simulator answers; empty if the real providers are called, with the
     *     API keys of the environment
     */
    static Sandbox start(Optional<SimulatorSettings> simulation) throws InterruptedException {
        return new Sandbox(simulation);
    }

    KafkaConnection connection() {
        return connection;
    }

    ServicePlan.Knowledge knowledge() {
        return new ServicePlan.Knowledge(analyses, prices);
    }

    /** The deployments of every model that an analysis uses. */
    Map<String, List<Deployment>> models() {
        return models;
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

    @Override
    public synchronized void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                System.err.println("a part of the sandbox did not close cleanly: " + e);
            }
        }
    }

    /** Those at the simulator have no limits, because it has none. */
    private Map<String, List<Deployment>> deployments() {
        Environment environment =
                simulator
                        .map(running -> new SimulatedProvider.Started(running).environment())
                        .orElseGet(Environment::load);
        Map<String, List<Deployment>> found =
                Deployments.of(Map.of(), knowledge(), environment, true);
        if (simulator.isPresent()) {
            found.replaceAll((name, places) -> places.stream().map(Sandbox::unlimited).toList());
        }
        return found;
    }

    private static Deployment unlimited(Deployment place) {
        return place.with(place.limits().with(Limit.REQUESTS, UNLIMITED));
    }

    private void createTopics() throws InterruptedException {
        Set<String> names =
                analyses.all().stream().map(AnalysisDefinition::name).collect(Collectors.toSet());
        try (Admin admin = Admin.create(connection.client())) {
            var _ =
                    new TopicPlan(connection, names, models.keySet(), PARTITIONS, (short) 1)
                            .create(admin);
        }
        try (SchemaRegistry schemas = connection.openRegistry()) {
            var _ = new SubjectPlan(connection).create(schemas);
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }
}
