package dev.sluice.app.redrive;

import dev.sluice.app.client.LenientDecoder;
import dev.sluice.app.client.RequestIdentity;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicRange;
import dev.sluice.runtime.kafka.TopicReader;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;

/** The results that requests have got since their dead letters. */
final class Results {
    private static final Duration EARLIER = Duration.ofHours(1);

    private final KafkaConnection connection;
    private final LenientDecoder<GenericRecord> results;
    private final Set<RequestIdentity> answered = new HashSet<>();
    private final Map<String, Instant> deletedBefore = new HashMap<>();
    private final MeanCosts costs = new MeanCosts();

    Results(KafkaConnection connection, SchemaRegistry registry) {
        this.connection = connection;
        this.results =
                new LenientDecoder<>(
                        connection.genericDeserializer(registry), "the results", _ -> true);
    }

    /**
     * Reads the results of the candidates' analyses.
     *
     * @param since the first time of results that are read
     * @param known the analyses that this installation has
     */
    void read(Collection<Candidate> candidates, Instant since, Collection<String> known) {
        Map<String, Map<RequestIdentity, Candidate>> byAnalysis = new HashMap<>();
        for (Candidate candidate : candidates) {
            if (known.contains(candidate.analysis())) {
                byAnalysis
                        .computeIfAbsent(candidate.analysis(), _ -> new HashMap<>())
                        .put(candidate.identity(), candidate);
            }
        }
        try (TopicReader reader = TopicReader.open(connection)) {
            byAnalysis.forEach((analysis, asked) -> {
                String topic = connection.topics().results(analysis);
                reader.deletedBefore(topic).ifPresent(time -> deletedBefore.put(analysis, time));
                Set<String> requestIds = new HashSet<>();
                asked.keySet().forEach(identity -> requestIds.add(identity.requestId()));
                reader.read(
                        topic,
                        TopicRange.since(since),
                        record ->
                                results.decode(record)
                                        .ifPresent(result -> {
                                            add(analysis, result);
                                            if (requestIds.contains(LenientDecoder.key(record))) {
                                                add(result, asked);
                                            }
                                        }));
            });
        }
    }

    /**
     * Reads what results cost in the hour before a time, of the analyses of which no cost is known:
     * nothing may have succeeded since the first dead letter.
     */
    void readEarlierCosts(
            Collection<Candidate> candidates, Instant time, Collection<String> known) {
        Set<String> analyses = new HashSet<>();
        candidates.stream()
                .map(Candidate::analysis)
                .filter(analysis -> known.contains(analysis) && costs.of(analysis).isEmpty())
                .forEach(analyses::add);
        try (TopicReader reader = TopicReader.open(connection)) {
            for (String analysis : analyses) {
                reader.read(
                        connection.topics().results(analysis),
                        new TopicRange(time.minus(EARLIER), Optional.of(time), Map.of()),
                        record ->
                                results.decode(record).ifPresent(result -> add(analysis, result)));
            }
        }
    }

    private void add(String analysis, GenericRecord result) {
        costs.add(analysis, (BigDecimal) result.get("costUsd"), 1);
    }

    private void add(GenericRecord result, Map<RequestIdentity, Candidate> asked) {
        RequestIdentity identity =
                new RequestIdentity(
                        result.get("userId").toString(), result.get("requestId").toString());
        Candidate candidate = asked.get(identity);
        if (candidate != null
                && candidate.isAnsweredBy(
                        (int) result.get("generation"),
                        Instant.parse(result.get("completedAt").toString()))) {
            answered.add(identity);
        }
    }

    /** Whether the request has a result that is newer than its dead letter. */
    boolean answer(Candidate candidate) {
        return answered.contains(candidate.identity());
    }

    /** Whether results of the dead letter's time have been deleted, so that it may have one. */
    boolean mayHaveForgotten(Candidate candidate) {
        Instant deleted = deletedBefore.get(candidate.analysis());
        return deleted != null && candidate.failedAt().isBefore(deleted);
    }

    /** What a result of the analysis cost on average, in USD. */
    Optional<BigDecimal> meanCost(String analysis) {
        return costs.of(analysis);
    }
}
