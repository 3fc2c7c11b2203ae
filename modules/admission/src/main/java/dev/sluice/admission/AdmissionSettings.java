package dev.sluice.admission;

import dev.sluice.admission.ledger.Budgets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How admission runs.
 *
 * @param stateDirectory where its state is kept between restarts
 * @param standbys copies of the state on other instances
 * @param modelIds for each model the provider's ids of its deployments; prices go by these
 * @param budgets what users may spend
 * @param maxWaiting how many requests of one user may wait for money
 * @param probeInterval how often a registry that does not answer is asked again
 */
public record AdmissionSettings(
        Path stateDirectory,
        int threads,
        int standbys,
        Map<String, List<String>> modelIds,
        Budgets budgets,
        int maxWaiting,
        Duration probeInterval) {
    public AdmissionSettings {
        modelIds = Map.copyOf(modelIds);
    }
}
