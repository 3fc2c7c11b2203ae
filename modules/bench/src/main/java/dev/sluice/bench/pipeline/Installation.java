package dev.sluice.bench.pipeline;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.contract.Topics;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The connection, the analyses and the model that all processes of a run share.
 *
 * @param model address of the model
 */
public record Installation(KafkaConnection connection, Knowledge knowledge, String model) {
    public static final String ANALYSIS = "support-ticket";
    public static final int PARTITIONS = 4;

    /** The model's answer to every ticket. */
    static final String ANSWER =
            "{\"category\":\"bug\",\"urgency\":\"normal\",\"product_area\":null,\"routing\":{\"team\":"
                    + "\"engineering\",\"needs_human\":true,\"needs_reply_within_hours\":48},"
                    + "\"sentiment\":\"neutral\",\"summary\":\"The page does not load.\",\"confidence\":0.9}";

    private static final int UNLIMITED = 100_000_000;
    private static final int MAX_REQUEST_BYTES = 1 << 20;

    /**
     * Parses the output of {@link Surroundings}.
     *
     * @param model address of the model
     */
    public static Installation at(String surroundings, String model) {
        String[] addresses = surroundings.split(" ", 2);
        return new Installation(
                new KafkaConnection(
                        Map.of("bootstrap.servers", addresses[0]),
                        Map.of("schema.registry.url", addresses[1]),
                        new Topics("bench."),
                        MAX_REQUEST_BYTES),
                new Knowledge(AnalysisCatalog.load(Optional.empty()), PriceTable.shipped()),
                model);
    }

    /** A deployment without limits for every model of the analyses. */
    Map<String, List<Deployment>> models() {
        Map<String, List<Deployment>> models =
                Deployments.of(
                        Map.of(),
                        knowledge,
                        Environment.of(
                                Map.of(
                                        "OPENAI_BASE_URL",
                                        model,
                                        "OPENAI_API_KEY",
                                        "key",
                                        "ANTHROPIC_BASE_URL",
                                        model,
                                        "ANTHROPIC_API_KEY",
                                        "key")),
                        true);
        models.replaceAll((_, places) ->
                places.stream()
                        .map(place -> place.with(place.limits().with(Limit.REQUESTS, UNLIMITED)))
                        .toList());
        return models;
    }

    List<String> analyses() {
        return knowledge.analyses().all().stream().map(AnalysisDefinition::name).toList();
    }
}
