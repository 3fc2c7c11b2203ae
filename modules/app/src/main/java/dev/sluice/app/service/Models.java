package dev.sluice.app.service;

import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.guard.Clocks;
import dev.sluice.analysis.guard.DeploymentGuard;
import dev.sluice.analysis.guard.DeploymentState;
import dev.sluice.analysis.guard.GuardedModel;
import dev.sluice.analysis.guard.RetryPolicy;
import dev.sluice.analysis.guard.Sleeper;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.provider.Adapters;
import dev.sluice.analysis.quota.DeploymentQuota;
import dev.sluice.analysis.transport.HttpSender;
import dev.sluice.analysis.transport.Transport;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The models that can be called. Analyses share them, because each deployment has one guard. */
public final class Models implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Models.class);

    private final Map<String, List<DeploymentGuard>> guards = new HashMap<>();
    private final Transport transport = Transport.start();
    private final HttpSender sender;
    private final RetryPolicy retries;
    private final CallObserver observer;
    private final Clocks clocks = Clocks.system();

    public Models(Map<String, List<Deployment>> deployments, CallObserver observer) {
        this(deployments, RetryPolicy.DEFAULT, observer);
    }

    /**
     * @param retries how often a failed call is repeated
     */
    public Models(
            Map<String, List<Deployment>> deployments, RetryPolicy retries, CallObserver observer) {
        this(deployments, retries, observer, UnaryOperator.identity());
    }

    /**
     * @param retries how often a failed call is repeated
     * @param between what is put between the calls and the network, such as a recorder
     */
    public Models(
            Map<String, List<Deployment>> deployments,
            RetryPolicy retries,
            CallObserver observer,
            UnaryOperator<HttpSender> between) {
        this.sender = between.apply(transport);
        this.retries = retries;
        this.observer = observer;
        deployments.forEach(
                (model, places) -> guards.put(model, places.stream().map(this::guard).toList()));
    }

    /** The model and the fallbacks of an analysis, with their guards. */
    public GuardedModel guarded(AnalysisDefinition definition) {
        return new GuardedModel(
                inOrder(definition), retries, clocks, Sleeper.sleeping(clocks.steady()), observer);
    }

    /**
     * One deployment alone. Its calls are not booked, not counted in metrics, and do not affect
     * other guards.
     */
    GuardedModel alone(Deployment deployment) {
        return new GuardedModel(
                List.of(guard(deployment)),
                RetryPolicy.ofAllTries(1),
                clocks,
                Sleeper.sleeping(clocks.steady()),
                CallObserver.NONE);
    }

    /** The deployments that may answer an analysis, the preferred one first. */
    List<Deployment> deployments(AnalysisDefinition definition) {
        return inOrder(definition).stream().map(DeploymentGuard::deployment).toList();
    }

    /** Opens a connection to every provider, as far as the time limit allows. */
    void connect(Duration limit) throws InterruptedException {
        List<Thread> connecting = new ArrayList<>();
        guards.values().stream()
                .flatMap(List::stream)
                .map(guard -> guard.deployment().endpoint().baseUrl())
                .distinct()
                .forEach(server ->
                        connecting.add(Thread.ofVirtual().start(() -> connect(server, limit))));
        for (Thread thread : connecting) {
            thread.join();
        }
    }

    private void connect(URI server, Duration limit) {
        try {
            boolean _ = transport.connect(server, limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The problem that an operator must fix before any deployment of the analysis takes calls
     * again.
     */
    public Optional<String> trouble(AnalysisDefinition definition) {
        List<Optional<String>> troubles =
                inOrder(definition).stream().map(DeploymentGuard::trouble).toList();
        return troubles.stream().allMatch(Optional::isPresent)
                ? troubles.getFirst()
                : Optional.empty();
    }

    /** Adds models that need an operator to readiness, and assumed limits to its notes. */
    void addTo(Health health) {
        guards.forEach((model, places) ->
                health.ready("model " + model, () -> DeploymentGuard.trouble(places)));
        guards.values().stream()
                .flatMap(List::stream)
                .forEach(guard -> {
                    health.note("deployment " + guard.deployment().id(), guard::assumedLimit);
                    guard.assumedLimit()
                            .ifPresent(note ->
                                    log.atWarn()
                                            .addKeyValue("model", guard.deployment().model())
                                            .addKeyValue("deployment", guard.deployment().name())
                                            .log(note));
                });
    }

    /** Sets the share of the limits of a model's deployments that this worker may use. */
    void share(String model, double share) {
        guards.getOrDefault(model, List.of()).forEach(guard -> guard.share(share));
    }

    /** Adds metrics of the providers' limits, the unused rest, and waiting calls. */
    void addTo(SluiceMetrics metrics) {
        guards.values().stream().flatMap(List::stream).forEach(guard -> show(metrics, guard));
    }

    @Override
    public void close() {
        transport.close();
    }

    private List<DeploymentGuard> inOrder(AnalysisDefinition definition) {
        return definition.models().all().stream()
                .flatMap(model -> guards.getOrDefault(model, List.of()).stream())
                .toList();
    }

    private static void show(SluiceMetrics metrics, DeploymentGuard guard) {
        DeploymentQuota quota = guard.quota();
        String model = guard.deployment().model();
        String name = guard.deployment().name();
        metrics.gauge(Metric.WAITING, guard::waiting, model, name);
        for (DeploymentState.Kind kind : DeploymentState.Kind.values()) {
            metrics.gauge(
                    Metric.DEPLOYMENT_STATE,
                    () -> guard.state().kind() == kind ? 1 : 0,
                    model,
                    name,
                    kind.label());
        }
        metrics.gauge(Metric.FAILURE_RATE, guard::failureRate, model, name);
        for (Limit limit : Limit.values()) {
            String kind = limit.label();
            metrics.gauge(
                    Metric.PROVIDER_LIMIT,
                    () -> limit.said(quota.said()).map(w -> (double) w.limit()).orElse(Double.NaN),
                    model,
                    name,
                    kind);
            metrics.gauge(
                    Metric.PROVIDER_REMAINING,
                    () ->
                            limit.said(quota.said())
                                    .map(w -> (double) w.remaining())
                                    .orElse(Double.NaN),
                    model,
                    name,
                    kind);
            metrics.gauge(
                    Metric.QUOTA_ALLOWED,
                    () -> quota.allowed(limit).orElse(Double.NaN),
                    model,
                    name,
                    kind);
            metrics.gauge(
                    Metric.QUOTA_REFUNDS,
                    () -> quota.refunds(limit).orElse(Double.NaN),
                    model,
                    name,
                    kind);
        }
    }

    private DeploymentGuard guard(Deployment deployment) {
        Model model = Adapters.of(deployment, sender, clocks.wall());
        return new DeploymentGuard(deployment, model, clocks.steady());
    }
}
