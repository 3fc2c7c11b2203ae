package dev.sluice.admission;

import dev.sluice.admission.limits.UserLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Settings of admission.
 *
 * @param stateDirectory folder in which the state is kept between restarts
 * @param threads number of stream threads
 * @param standbys number of copies of the state on other instances
 * @param commitInterval time between two transactions
 * @param modelIds the provider's model ids of each model's deployments; prices are looked up by
 *     these
 * @param limits limits of users
 * @param maxSharedBytes largest size of kept results in each partition of the state
 * @param probeInterval time between two attempts while the registry does not answer
 */
public record AdmissionSettings(
        Path stateDirectory,
        int threads,
        int standbys,
        Duration commitInterval,
        Map<String, List<String>> modelIds,
        UserLimits limits,
        long maxSharedBytes,
        Duration probeInterval) {
    /** A compromise between the brokers' load of small transactions and the delay: ADR 30. */
    public static final Duration COMMIT_INTERVAL = Duration.ofMillis(12);

    public AdmissionSettings {
        modelIds = Map.copyOf(modelIds);
    }
}
