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
 * Everything a service is made from.
 *
 * @param models deployments of each model, the preferred one first
 * @param compute what preparing content and judging answers may take of the machine
 */
public record ServicePlan(
        Set<Role> roles,
        KafkaConnection kafka,
        Knowledge knowledge,
        Map<String, List<Deployment>> models,
        AdmissionSettings admission,
        WorkerSettings worker,
        ComputeLimits compute,
        HttpAddress http) {

    /** A plan with the usual limits of computations. */
    public ServicePlan(
            Set<Role> roles,
            KafkaConnection kafka,
            Knowledge knowledge,
            Map<String, List<Deployment>> models,
            AdmissionSettings admission,
            WorkerSettings worker,
            HttpAddress http) {
        this(roles, kafka, knowledge, models, admission, worker, ComputeLimits.defaults(), http);
    }

    /** What a process does. */
    public enum Role {
        ADMISSION,
        WORKER
    }

    /** What is known of analyses and prices. */
    public record Knowledge(AnalysisCatalog analyses, PriceTable prices) {}

    /** Where the service shows itself; port 0 takes a free one. */
    public record HttpAddress(String host, int port) {}

    public ServicePlan {
        roles = Set.copyOf(roles);
        models = Map.copyOf(models);
    }
}
