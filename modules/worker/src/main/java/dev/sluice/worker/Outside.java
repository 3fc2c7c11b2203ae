package dev.sluice.worker;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.kafka.Dependency;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;

/** What a worker needs of the world outside, and whether it answers. Closes its admin client. */
final class Outside implements AutoCloseable {
    private final Admin admin;
    private final Dependency brokers;
    private final Dependency registry;

    private Outside(Admin admin, Dependency brokers, Dependency registry) {
        this.admin = admin;
        this.brokers = brokers;
        this.registry = registry;
    }

    /** Asks brokers and registry from now on whether they answer. */
    static Outside watch(KafkaConnection connection, SchemaRegistry registry) {
        SteadyClock clock = new SteadyClock();
        Admin admin = Admin.create(connection.client());
        Outside outside =
                new Outside(
                        admin,
                        Dependency.brokers(connection, admin, clock),
                        Dependency.registry(connection, registry, clock));
        outside.forEach((name, dependency) -> {
            var _ = Thread.ofPlatform().name("worker-asks-" + name).daemon().start(dependency);
        });
        return outside;
    }

    private void forEach(BiConsumer<String, Dependency> action) {
        action.accept("brokers", brokers);
        action.accept("registry", registry);
    }

    Admin admin() {
        return admin;
    }

    void addTo(Health health) {
        forEach((name, dependency) -> health.ready("worker-" + name, dependency::complaint));
    }

    void addTo(SluiceMetrics metrics) {
        forEach((name, dependency) ->
                metrics.gauge(Metric.DEPENDENCY_UP, () -> dependency.isUp() ? 1 : 0, name));
    }

    /** Older protocols tear transactions. */
    void requireTransactionVersion(short needed) {
        try {
            var feature =
                    admin.describeFeatures()
                            .featureMetadata()
                            .get()
                            .finalizedFeatures()
                            .get("transaction.version");
            short version = feature == null ? 0 : feature.maxVersionLevel();
            if (version < needed) {
                throw new IllegalStateException(
                        "the brokers' transaction.version is "
                                + version
                                + ", needed is "
                                + needed
                                + ": upgrade with kafka-features upgrade --feature"
                                + " transaction.version=2");
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "the worker cannot start: "
                            + brokers.complaint().orElse("the brokers do not tell their features"),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", e);
        }
    }

    @Override
    public void close() {
        forEach((_, dependency) -> dependency.stop());
        admin.close();
    }
}
