package dev.sluice.admission;

import dev.sluice.admission.limits.UserLimits;
import dev.sluice.runtime.outcome.DeadLetterContent;
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
 * @param deadLetters what dead letters keep of the content that they are about
 */
public record AdmissionSettings(
        Path stateDirectory,
        int threads,
        int standbys,
        Duration commitInterval,
        Map<String, List<String>> modelIds,
        UserLimits limits,
        long maxSharedBytes,
        Duration probeInterval,
        DeadLetterContent deadLetters) {
    /** A compromise between the brokers' load of small transactions and the delay: ADR 30. */
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
                Duration.ofSeconds(1),
                DeadLetterContent.WHOLE);
    }

    public AdmissionSettings withDeadLetters(DeadLetterContent deadLetters) {
        return new AdmissionSettings(
                stateDirectory,
                threads,
                standbys,
                commitInterval,
                modelIds,
                limits,
                maxSharedBytes,
                probeInterval,
                deadLetters);
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
                probeInterval,
                deadLetters);
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
                probeInterval,
                deadLetters);
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
                probeInterval,
                deadLetters);
    }
}
