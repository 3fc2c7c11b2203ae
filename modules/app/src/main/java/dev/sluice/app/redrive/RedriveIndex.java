package dev.sluice.app.redrive;

import dev.sluice.app.letters.LetterFilter;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.app.redrive.Candidate.Identity;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;

/** The newest outcome of each request: what can be redriven, and what has been answered since. */
final class RedriveIndex {
    private final LetterFilter filter;
    private final Map<Identity, Candidate> newest = new HashMap<>();
    private final Set<Identity> answered = new HashSet<>();
    private final MeanCosts results = new MeanCosts();
    private final MeanCosts invalidAnswers = new MeanCosts();
    private long withoutIds;

    RedriveIndex(LetterFilter filter) {
        this.filter = filter;
    }

    /** Adds a dead letter; all of them must be added, also those that are not meant. */
    void add(StoredLetter stored) {
        DeadLetter letter = stored.letter();
        boolean isMeant =
                filter.means(letter)
                        && filter.until().map(stored.failedAt()::isBefore).orElse(true);
        // The answers of other dead letters were cut off, or short.
        if (letter.getReason() == Reason.INVALID_OUTPUT) {
            invalidAnswers.add(
                    Candidate.text(letter.getAnalysis()), letter.getCostUsd(), letter.getCalls());
        }
        Optional<Identity> identity = Identity.of(letter);
        if (identity.isEmpty()) {
            withoutIds += isMeant ? 1 : 0;
            return;
        }
        newest.merge(
                identity.get(),
                new Candidate(
                        identity.get(),
                        isMeant,
                        stored.partition(),
                        stored.offset(),
                        letter.getGeneration(),
                        stored.failedAt(),
                        letter.getReason(),
                        Candidate.text(letter.getAnalysis())),
                Candidate::newer);
    }

    /** Looks for results of later generations on the topics of these analyses. */
    void readResults(
            KafkaConnection connection, SchemaRegistry registry, Collection<String> analyses) {
        Optional<Instant> first =
                meant().stream().map(Candidate::failedAt).min(Comparator.naturalOrder());
        if (first.isEmpty()) {
            return;
        }
        Set<String> requestIds = new HashSet<>();
        meant().forEach(candidate -> requestIds.add(candidate.identity().requestId()));
        Topics topics = connection.topics();
        ConfluentAvroDeserializer<GenericRecord> deserializer =
                connection.genericDeserializer(registry);
        try (TopicReader reader = TopicReader.open(connection)) {
            for (String analysis : analyses) {
                String topic = topics.results(analysis);
                reader.read(
                        topic,
                        filter.since(),
                        Optional.empty(),
                        record -> {
                            GenericRecord result = deserializer.deserialize(topic, record.value());
                            if (result != null) {
                                results.add(analysis, (BigDecimal) result.get("costUsd"), 1);
                                if (requestIds.contains(
                                        new String(record.key(), StandardCharsets.UTF_8))) {
                                    answered(result);
                                }
                            }
                        });
            }
        }
    }

    private void answered(GenericRecord result) {
        Identity identity =
                new Identity(result.get("userId").toString(), result.get("requestId").toString());
        Candidate candidate = newest.get(identity);
        if (candidate != null && (int) result.get("generation") > candidate.generation()) {
            answered.add(identity);
        }
    }

    /** The newest dead letters that were asked for, the oldest of them first. */
    List<Candidate> meant() {
        List<Candidate> meant = new ArrayList<>();
        newest.values().stream().filter(Candidate::isMeant).forEach(meant::add);
        meant.sort(
                Comparator.comparing(Candidate::failedAt)
                        .thenComparingInt(Candidate::partition)
                        .thenComparingLong(Candidate::offset));
        return meant;
    }

    boolean isAnswered(Candidate candidate) {
        return answered.contains(candidate.identity());
    }

    long withoutIds() {
        return withoutIds;
    }

    /**
     * What a request of the analysis is expected to cost, in USD: what its results cost on average,
     * or else a call whose answer was invalid. Empty if there was neither.
     */
    Optional<BigDecimal> expected(String analysis) {
        return results.of(analysis).or(() -> invalidAnswers.of(analysis));
    }
}
