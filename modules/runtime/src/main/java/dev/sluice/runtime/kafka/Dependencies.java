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
 * The brokers and the registry of a process, whatever its roles, and whether they answer: asked
 * from the first on, so that readiness and the log tell of what is lost once and not for each role.
 */
public final class Dependencies implements AutoCloseable {
    /** What readiness calls the brokers. */
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

    /** Asks brokers and registry from now on whether they answer. */
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

    /** Closed with this. */
    public Admin admin() {
        return admin;
    }

    /** Closed with this. */
    public SchemaRegistry registry() {
        return registry;
    }

    /** Lets readiness tell of those that give no answer. */
    public void addTo(Health health) {
        forEach((name, dependency) -> health.ready(name, dependency::complaint));
    }

    /** Shows which of them answer. */
    public void addTo(SluiceMetrics metrics) {
        forEach((name, dependency) ->
                metrics.gauge(Metric.DEPENDENCY_UP, () -> dependency.isUp() ? 1 : 0, name));
    }

    /**
     * What the brokers answer, waited for as long as the client's timeouts allow.
     *
     * @throws EnvironmentException if they give no answer, with their address and its key
     * @throws ExecutionException with what they answered instead
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
     * Looks whether the brokers can commit exactly once: older protocols tear transactions.
     *
     * @throws EnvironmentException if not, or if they give no answer
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
                    "the brokers do not tell their features: " + e.getCause(), e);
        }
    }

    @Override
    public void close() {
        forEach((_, dependency) -> dependency.stop());
        admin.close();
        registry.close();
    }
}
