package dev.sluice.worker.process;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.SourceReference;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.RecordLookup;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.kafka.ThrottledLog;
import dev.sluice.runtime.outcome.DeadLetterContent;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import dev.sluice.runtime.outcome.DeadLetterWriter;
import dev.sluice.worker.consume.RunningJob.Stage;
import dev.sluice.worker.journal.JobJournal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The invalid answers that dead letters keep. A publisher can name any place, so a job gets the
 * answers of its own request only: same ids, same analysis, same record, earlier generation. Safe
 * for use by many threads.
 */
public final class StoredAnswers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StoredAnswers.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final String topic;
    private final ConfluentAvroDeserializer<DeadLetter> letters;
    private final RecordLookup lookup;
    private final ThrottledLog warnings = new ThrottledLog(new SteadyClock());

    /**
     * Answers to one request.
     *
     * @param model name of the model that gave them
     * @param texts the oldest first
     */
    record Answers(String model, List<String> texts) {}

    public StoredAnswers(KafkaConnection connection, SchemaRegistry registry) {
        this.topic = connection.topics().deadLetters();
        this.letters = connection.deserializer(registry, DeadLetter.class);
        this.lookup = new RecordLookup(connection);
    }

    /**
     * The answers that a job asks to judge again; empty if there is no such dead letter of its
     * request, or no answer in it. Waits while brokers or registry do not answer.
     *
     * @throws InterruptedException if the job is cancelled
     */
    Optional<Answers> await(JobWork work, RegistryWaits registryWaits) throws InterruptedException {
        Optional<DeadLetterPlace> place = DeadLetterPlace.of(work.job().admitted().getSource());
        if (place.isEmpty()) {
            return Optional.empty();
        }
        Optional<ConsumerRecord<byte[], byte[]>> record = lookedUp(work, place.get());
        return record.isEmpty()
                ? Optional.empty()
                : registryWaits.await(work, () -> answers(record.get(), work.job()));
    }

    /** The job releases its slot while it waits, so that other jobs can work. */
    private Optional<ConsumerRecord<byte[], byte[]>> lookedUp(JobWork work, DeadLetterPlace place)
            throws InterruptedException {
        while (true) {
            try {
                return lookup.find(new TopicPartition(topic, place.partition()), place.offset());
            } catch (KafkaException e) {
                if (warnings.isDue()) {
                    log.atWarn()
                            .addKeyValue("topic", topic)
                            .addKeyValue("reason", e.getMessage())
                            .log("jobs wait: the brokers do not return a dead letter");
                }
                work.running().at(Stage.DEAD_LETTER);
                work.journal().ifPresent(JobJournal::releaseSlot);
                Thread.sleep(PAUSE);
                if (work.journal().isPresent()) {
                    work.journal().get().acquireSlot();
                }
                work.running().at(Stage.WORKING);
            }
        }
    }

    /** The answers of a dead letter, if it is one of the job's request. */
    private Optional<Answers> answers(ConsumerRecord<byte[], byte[]> record, Job job) {
        return decoded(record)
                .filter(letter -> isOf(letter, job))
                .map(letter ->
                        new Answers(
                                letter.getModel() == null ? "" : letter.getModel().toString(),
                                letter.getRawAnswers().stream()
                                        .filter(answer -> !DeadLetterContent.isHash(answer))
                                        .map(CharSequence::toString)
                                        .toList()))
                .filter(answers -> !answers.texts().isEmpty());
    }

    private Optional<DeadLetter> decoded(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.ofNullable(letters.deserialize(topic, record.value()));
        } catch (RuntimeException e) {
            if (RegistryOutage.is(e)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    static boolean isOf(DeadLetter letter, Job job) {
        AnalysisRequest request = job.request();
        return letter.getReason() == Reason.INVALID_OUTPUT
                && letter.getGeneration() < job.generation()
                && same(letter.getRequestId(), request.getRequestId())
                && same(letter.getUserId(), request.getUserId())
                && same(letter.getAnalysis(), request.getAnalysis())
                && isOf(letter.getOriginal(), job.admitted().getSource());
    }

    private static boolean isOf(@Nullable Object original, SourceRecord source) {
        String sha256 = DeadLetterWriter.reference(source).getSha256().toString();
        return switch (original) {
            case SourceRecord record ->
                    sha256.contentEquals(DeadLetterWriter.reference(record).getSha256());
            case SourceReference reference -> sha256.contentEquals(reference.getSha256());
            case null, default -> false;
        };
    }

    private static boolean same(@Nullable CharSequence one, CharSequence other) {
        return one != null && one.toString().contentEquals(other);
    }

    @Override
    public void close() {
        lookup.close();
    }
}
