package dev.sluice.app.config;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.worker.WorkerSettings;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The plan of a service: all settings and parts from which it is built.
 *
 * @param models deployments of each model, the preferred one first
 * @param compute threads and time limit for preparing content and judging answers
 */
public record ServicePlan(
        Set<Role> roles,
        KafkaConnection kafka,
        Knowledge knowledge,
        Map<String, List<Deployment>> models,
        AdmissionSettings admission,
        WorkerSettings worker,
        ComputeLimits compute,
        HttpSettings http) {

    /** A plan with the default compute limits. */
    public ServicePlan(
            Set<Role> roles,
            KafkaConnection kafka,
            Knowledge knowledge,
            Map<String, List<Deployment>> models,
            AdmissionSettings admission,
            WorkerSettings worker,
            HttpSettings http) {
        this(roles, kafka, knowledge, models, admission, worker, ComputeLimits.defaults(), http);
    }

    /** The roles of a process. */
    public enum Role {
        ADMISSION,
        WORKER
    }

    /** The analyses and the prices. */
    public record Knowledge(AnalysisCatalog analyses, PriceTable prices) {}

    public ServicePlan {
        roles = Set.copyOf(roles);
        models = Map.copyOf(models);
    }
}
