package dev.sluice.app.submit;

import dev.sluice.app.client.OutcomeHistory;
import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.client.RequestIdentity;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The outcomes of requests that were submitted before. */
final class EarlierOutcomes {
    /**
     * How far back outcomes are read. Admission skips a request that it knows for 24 hours, so one
     * that it skips has its outcome in this time, or has not ended.
     */
    private static final Duration MEMORY = Duration.ofHours(25);

    private EarlierOutcomes() {}

    /**
     * Reads the outcomes that these requests have.
     *
     * @param analyses whose results are read
     */
    static Map<RequestIdentity, OutcomeRecord> read(
            KafkaConnection connection,
            Submission submission,
            Collection<String> analyses,
            Instant now) {
        Set<RequestIdentity> asked = new HashSet<>();
        Set<String> requestIds = new HashSet<>();
        for (Submission.Planned one : submission.planned()) {
            asked.add(one.identity());
            requestIds.add(one.identity().requestId());
        }
        Map<RequestIdentity, OutcomeRecord> found = new HashMap<>();
        var _ =
                OutcomeHistory.read(
                        connection,
                        Stream.concat(
                                        analyses.stream().map(connection.topics()::results),
                                        Stream.of(connection.topics().deadLetters()))
                                .toList(),
                        now.minus(MEMORY),
                        Optional.empty(),
                        requestIds::contains,
                        outcome ->
                                RequestIdentity.of(outcome)
                                        .filter(asked::contains)
                                        .ifPresent(identity ->
                                                found.merge(
                                                        identity,
                                                        outcome,
                                                        EarlierOutcomes::newer)));
        return found;
    }

    private static OutcomeRecord newer(OutcomeRecord one, OutcomeRecord other) {
        return other.replaces(one) ? other : one;
    }
}
