package dev.sluice.app;

import dev.sluice.analysis.CallObserver;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.guard.DeploymentGuard;
import dev.sluice.analysis.guard.GuardedModel;
import dev.sluice.analysis.guard.Pause;
import dev.sluice.analysis.guard.RetryPolicy;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.OpenAiModel;
import dev.sluice.runtime.health.Health;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The models that can be called. Guards belong to deployments, so analyses share them. */
public final class Models implements AutoCloseable {
    private final Map<String, List<DeploymentGuard>> guards = new HashMap<>();
    private final List<OpenAiModel> clients = new ArrayList<>();
    private final CallObserver observer;

    public Models(Map<String, List<Deployment>> deployments, CallObserver observer) {
        this.observer = observer;
        deployments.forEach(
                (model, places) -> guards.put(model, places.stream().map(this::guard).toList()));
    }

    /** The model of an analysis with its fallbacks after it, behind their guards. */
    public GuardedModel guarded(AnalysisDefinition definition) {
        List<DeploymentGuard> inOrder =
                Stream.concat(
                                Stream.of(definition.models().model()),
                                definition.models().fallbacks().stream())
                        .flatMap(model -> guards.getOrDefault(model, List.of()).stream())
                        .toList();
        return new GuardedModel(
                inOrder,
                RetryPolicy.DEFAULT,
                InstantSource.system(),
                Pause.sleeping(InstantSource.system()),
                observer);
    }

    /** Makes readiness tell which deployments take no calls for now. */
    void addTo(Health health) {
        guards.forEach((model, places) ->
                health.ready(
                        "model " + model,
                        () ->
                                places.stream()
                                        .map(DeploymentGuard::heldBack)
                                        .flatMap(Optional::stream)
                                        .findFirst()));
    }

    @Override
    public void close() {
        clients.forEach(OpenAiModel::close);
    }

    private DeploymentGuard guard(Deployment deployment) {
        OpenAiModel client = new OpenAiModel(deployment);
        clients.add(client);
        return new DeploymentGuard(deployment, client, InstantSource.system());
    }
}
