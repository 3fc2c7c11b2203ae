package dev.sluice.admission;

import dev.sluice.admission.limits.UserLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How admission runs.
 *
 * @param stateDirectory where its state is kept between restarts
 * @param standbys copies of the state on other instances
 * @param commitInterval time from one transaction to the next
 * @param modelIds for each model the provider's ids of its deployments; prices go by these
 * @param limits what users may do
 * @param maxSharedBytes what kept results may take in each partition of the state
 * @param probeInterval how often a registry that does not answer is asked again
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
    /** Weighs the brokers' work on small transactions against the delay: ADR 30. */
    public static final Duration COMMIT_INTERVAL = Duration.ofMillis(12);

    public AdmissionSettings {
        modelIds = Map.copyOf(modelIds);
    }

    /**
     * The settings of an admission whose configuration says nothing, as docs/CONFIGURATION.md has
     * them.
     */
    public static AdmissionSettings defaults(
            Path stateDirectory, Map<String, List<String>> modelIds, UserLimits limits) {
        return new AdmissionSettings(
                stateDirectory,
                1,
                1,
                COMMIT_INTERVAL,
                modelIds,
                limits,
                64L << 20,
                Duration.ofSeconds(1));
    }

    public AdmissionSettings withStandbys(int standbys) {
        return new AdmissionSettings(
                stateDirectory,
                threads,
                standbys,
                commitInterval,
                modelIds,
                limits,
                maxSharedBytes,
                probeInterval);
    }

    public AdmissionSettings withMaxSharedBytes(long maxSharedBytes) {
        return new AdmissionSettings(
                stateDirectory,
                threads,
                standbys,
                commitInterval,
                modelIds,
                limits,
                maxSharedBytes,
                probeInterval);
    }

    public AdmissionSettings withProbeInterval(Duration probeInterval) {
        return new AdmissionSettings(
                stateDirectory,
                threads,
                standbys,
                commitInterval,
                modelIds,
                limits,
                maxSharedBytes,
                probeInterval);
    }
}
