package dev.sluice.runtime.kafka;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * The clients of the brokers and the schema registry that all roles of this process share, and the
 * checks whether they answer. The checks run from the start, so that an outage is reported once and
 * not for each role. Safe for use by many threads.
 */
public final class Dependencies implements AutoCloseable {
    /** Name of the brokers in readiness and metrics. */
    public static final String BROKERS = "brokers";

    private static final String REGISTRY = "registry";

    private final KafkaConnection connection;
    private final Admin admin;
    private final SchemaRegistry registry;
    private final Dependency brokers;
    private final Dependency schemas;

    private Dependencies(KafkaConnection connection, Admin admin, SchemaRegistry registry) {
        SteadyClock clock = new SteadyClock();
        this.connection = connection;
        this.admin = admin;
        this.registry = registry;
        this.brokers = Dependency.brokers(connection, admin, clock);
        this.schemas = Dependency.registry(connection, registry, clock);
    }

    /** Opens the clients, and starts a checking thread for each. */
    public static Dependencies watch(KafkaConnection connection) {
        Admin admin = Admin.create(connection.client());
        Dependencies all = new Dependencies(connection, admin, connection.openRegistry());
        all.forEach((name, dependency) -> {
            var _ = Thread.ofPlatform().name("asks-" + name).daemon().start(dependency);
        });
        return all;
    }

    private void forEach(BiConsumer<String, Dependency> action) {
        action.accept(BROKERS, brokers);
        action.accept(REGISTRY, schemas);
    }

    /** The shared client; {@link #close} closes it. */
    public Admin admin() {
        return admin;
    }

    /** The shared client; {@link #close} closes it. */
    public SchemaRegistry registry() {
        return registry;
    }

    /** Whether the brokers and the registry answer. */
    public boolean answer() {
        return brokers.isUp() && schemas.isUp();
    }

    /** Adds a readiness check for each dependency. */
    public void addTo(Health health) {
        forEach((name, dependency) -> health.ready(name, dependency::complaint));
    }

    /** Adds a gauge for each dependency: 1 if it answers. */
    public void addTo(SluiceMetrics metrics) {
        forEach((name, dependency) ->
                metrics.gauge(Metric.DEPENDENCY_UP, () -> dependency.isUp() ? 1 : 0, name));
    }

    /**
     * Waits for the brokers' answer, as long as the client's timeouts allow.
     *
     * @throws EnvironmentException if the brokers do not answer, with their address and its
     *     configuration key
     * @throws ExecutionException if they answer with an error
     */
    public <T> T answer(KafkaFuture<T> future) throws ExecutionException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TimeoutException timeout) {
                throw EnvironmentException.noBrokers(connection, timeout);
            }
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", e);
        }
    }

    /**
     * Requires a version of the brokers' transaction protocol; older ones do not give exactly-once.
     *
     * @throws EnvironmentException if the version is lower, or the brokers do not answer
     */
    public void requireTransactionVersion(short needed) {
        try {
            var feature =
                    answer(admin.describeFeatures().featureMetadata())
                            .finalizedFeatures()
                            .get("transaction.version");
            short version = feature == null ? 0 : feature.maxVersionLevel();
            if (version < needed) {
                throw new EnvironmentException(
                        "the brokers' transaction.version is "
                                + version
                                + ", needed is "
                                + needed
                                + ": upgrade with kafka-features upgrade --feature"
                                + " transaction.version="
                                + needed);
            }
        } catch (ExecutionException e) {
            throw new EnvironmentException(
                    "the brokers do not return their features: " + e.getCause(), e);
        }
    }

    @Override
    public void close() {
        forEach((_, dependency) -> dependency.stop());
        admin.close();
        registry.close();
    }
}
