package dev.sluice.contract.outcome;

import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaNotFoundException;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.TrustedRecords;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A consumer of the outcomes of one analysis: its results, and the dead letters of its requests and
 * of those that name no analysis. It reads committed records only, and never commits by itself:
 * call {@link #commit} once the outcomes of a poll are processed. Then each is seen at least once.
 * Not safe for use by several threads, except {@link #wakeup}.
 *
 * @param <T> class of the results
 */
public final class OutcomeReader<T> implements AutoCloseable {
    /** How long a replica of the registry may be behind. */
    private static final Duration LAG = Duration.ofSeconds(30);

    private final Consumer<byte[], byte[]> consumer;
    private final ConfluentAvroDeserializer<T> results;
    private final ConfluentAvroDeserializer<DeadLetter> deadLetters;
    private final String analysis;
    private final String deadLetterTopic;

    /** Records that were read and are not decoded yet, because the registry does not answer. */
    private final Deque<ConsumerRecord<byte[], byte[]>> undecoded = new ArrayDeque<>();

    private final Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();

    OutcomeReader(
            Consumer<byte[], byte[]> consumer,
            ConfluentAvroDeserializer<T> results,
            ConfluentAvroDeserializer<DeadLetter> deadLetters,
            Topics topics,
            String analysis) {
        this.consumer = consumer;
        this.results = results;
        this.deadLetters = deadLetters;
        this.analysis = analysis;
        this.deadLetterTopic = topics.deadLetters();
        consumer.subscribe(List.of(topics.results(analysis), deadLetterTopic), new Forget());
    }

    /**
     * Opens a reader whose results are of a class that was generated from the schema of the
     * analysis's results ({@code sluice analyses schema}).
     *
     * @param settings settings of the Kafka consumer and the deserializer, {@code group.id} and
     *     {@code schema.registry.url} among them. Without {@code auto.offset.reset}, a new group
     *     begins with the oldest outcomes
     * @throws KafkaException if a setting is not valid; a {@code ConfigException} names it. The
     *     method connects to neither the brokers nor the registry
     */
    public static <T extends SpecificRecord> OutcomeReader<T> of(
            Class<T> type, Topics topics, String analysis, Map<String, ?> settings) {
        TrustedRecords.trustPackageOf(type);
        return open(specific(type, settings), topics, analysis, settings);
    }

    /**
     * Opens a reader whose results are generic records, with the schema of their writer. Amounts
     * are {@code BigDecimal}, times are {@code Instant}.
     *
     * @see #of
     */
    public static OutcomeReader<GenericRecord> generic(
            Topics topics, String analysis, Map<String, ?> settings) {
        Map<String, Object> generic = new HashMap<>(settings);
        generic.put("specific.avro.reader", false);
        generic.put("avro.use.logical.type.converters", true);
        ConfluentAvroDeserializer<GenericRecord> results = new ConfluentAvroDeserializer<>();
        results.configure(generic, false);
        return open(results, topics, analysis, settings);
    }

    private static <T> OutcomeReader<T> open(
            ConfluentAvroDeserializer<T> results,
            Topics topics,
            String analysis,
            Map<String, ?> settings) {
        Map<String, Object> consumer = new HashMap<>();
        consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumer.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        consumer.putAll(settings);
        require(consumer, ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        require(consumer, ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        if (!consumer.containsKey(ConsumerConfig.GROUP_ID_CONFIG)) {
            throw new ConfigException("group.id is missing: the group whose offsets are committed");
        }
        return new OutcomeReader<>(
                new KafkaConsumer<>(
                        consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                results,
                specific(DeadLetter.class, settings),
                topics,
                analysis);
    }

    private static <T> ConfluentAvroDeserializer<T> specific(
            Class<T> type, Map<String, ?> settings) {
        Map<String, Object> specific = new HashMap<>(settings);
        specific.put("specific.avro.reader", true);
        specific.put("specific.avro.value.type", type.getName());
        ConfluentAvroDeserializer<T> deserializer = new ConfluentAvroDeserializer<>();
        deserializer.configure(specific, false);
        return deserializer;
    }

    /** Sets what the guarantees rest on; another value is an error. */
    private static void require(Map<String, Object> settings, String name, String value) {
        Object other = settings.putIfAbsent(name, value);
        if (other != null && !other.toString().equals(value)) {
            throw new ConfigException(name + " must be " + value + " here, was " + other);
        }
    }

    /**
     * Waits for outcomes up to this time, and returns those that have arrived.
     *
     * @throws RegistryUnavailableException if the registry does not answer and is needed for the
     *     next outcome. Nothing is lost: call again
     * @throws SchemaNotFoundException if a replica of the registry does not know the schema yet, or
     *     something that is no registry answers. Call again
     * @throws WakeupException after {@link #wakeup}
     * @throws KafkaException as the consumer's {@code poll} does, for instance if a topic may not
     *     be read
     */
    public List<Outcome<T>> poll(Duration timeout) {
        if (undecoded.isEmpty()) {
            consumer.resume(consumer.paused());
        } else {
            // Fetches nothing, but stays a member of the group.
            consumer.pause(consumer.assignment());
        }
        consumer.poll(timeout).forEach(undecoded::add);
        List<Outcome<T>> outcomes = new ArrayList<>();
        while (!undecoded.isEmpty()) {
            ConsumerRecord<byte[], byte[]> record = undecoded.element();
            try {
                add(record, outcomes);
            } catch (RuntimeException e) {
                if (outcomes.isEmpty()) {
                    throw e;
                }
                return outcomes;
            }
            undecoded.remove();
            offsets.put(
                    new TopicPartition(record.topic(), record.partition()),
                    new OffsetAndMetadata(record.offset() + 1, record.leaderEpoch(), ""));
        }
        return outcomes;
    }

    private void add(ConsumerRecord<byte[], byte[]> record, List<Outcome<T>> outcomes) {
        Outcome.Place place =
                new Outcome.Place(
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        Instant.ofEpochMilli(record.timestamp()));
        try {
            if (!record.topic().equals(deadLetterTopic)) {
                T result = results.deserialize(record.topic(), record.headers(), record.value());
                outcomes.add(
                        result instanceof IndexedRecord
                                ? new Outcome.Result<>(place, result)
                                : noOutcome(place));
                return;
            }
            DeadLetter letter =
                    deadLetters.deserialize(record.topic(), record.headers(), record.value());
            if (letter == null) {
                outcomes.add(noOutcome(place));
            } else if (letter.getAnalysis() == null
                    || analysis.contentEquals(letter.getAnalysis())) {
                outcomes.add(new Outcome.Failed<>(place, letter));
            }
        } catch (InterruptException e) {
            throw e;
        } catch (RuntimeException e) {
            if (isOfTheRegistry(e, place)) {
                throw e;
            }
            outcomes.add(new Outcome.Unreadable<>(place, e));
        }
    }

    private static <T> Outcome<T> noOutcome(Outcome.Place place) {
        return new Outcome.Unreadable<>(
                place,
                new IllegalArgumentException("the record has no value, or one of another kind"));
    }

    /** Whether reading the same record later can succeed. */
    private static boolean isOfTheRegistry(RuntimeException failure, Outcome.Place place) {
        return failure instanceof RegistryUnavailableException
                || failure instanceof AuthenticationException
                || failure instanceof AuthorizationException
                || (failure instanceof SchemaNotFoundException notFound
                        && !(notFound.isSure() && isOld(place)));
    }

    /** Whether every replica of the registry must know the schema by now. */
    private static boolean isOld(Outcome.Place place) {
        return place.writtenAt().isBefore(Instant.now().minus(LAG));
    }

    /**
     * Commits the offsets of all outcomes that were returned so far.
     *
     * @throws KafkaException as the consumer's {@code commitSync} does. After a {@code
     *     CommitFailedException} other members of the group read the same outcomes again
     */
    public void commit() {
        consumer.commitSync(Map.copyOf(offsets));
    }

    /**
     * The next offset of each partition from which outcomes were returned: for those who keep
     * offsets themselves, or commit them in a transaction of their producer.
     */
    public Map<TopicPartition, OffsetAndMetadata> offsets() {
        return Map.copyOf(offsets);
    }

    /** The consumer's group, for a producer's {@code sendOffsetsToTransaction}. */
    public org.apache.kafka.clients.consumer.ConsumerGroupMetadata groupMetadata() {
        return consumer.groupMetadata();
    }

    /** Ends a {@link #poll} of another thread, for instance before {@link #close}. */
    public void wakeup() {
        consumer.wakeup();
    }

    /** Leaves the group without committing. */
    @Override
    public void close() {
        consumer.close();
        results.close();
        deadLetters.close();
    }

    /** Forgets what was read of partitions that another member reads from now on. */
    private final class Forget implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            offsets.keySet().removeAll(partitions);
            undecoded.removeIf(record ->
                    partitions.contains(new TopicPartition(record.topic(), record.partition())));
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
    }
}
