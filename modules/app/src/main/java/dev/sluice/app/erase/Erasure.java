package dev.sluice.app.erase;

import dev.sluice.app.client.LenientDecoder;
import dev.sluice.app.client.Writes;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Erases a user's records from compacted topics, and finds those that remain until their retention
 * is over: Kafka deletes single records from compacted topics only.
 */
public final class Erasure {
    private final KafkaConnection connection;
    private final String user;
    private final List<String> topics;
    private final List<String> erasableTopics;
    private final List<String> unread = new ArrayList<>();
    private final List<Remains> remains = new ArrayList<>();
    private final List<Key> erasable = new ArrayList<>();

    /** The key of records that can be erased. */
    private record Key(String topic, int partition, ByteBuffer bytes) {}

    public Erasure(KafkaConnection connection, String user) {
        this.connection = connection;
        this.user = user;
        Topics names = connection.topics();
        this.erasableTopics = List.of(names.budgets(), names.spend());
        this.topics =
                List.of(
                        names.requests(),
                        names.deadLetters(),
                        names.calls(),
                        names.budgets(),
                        names.spend());
    }

    /**
     * Reads the topics whole.
     *
     * @param progress receives the name of each topic before it is read
     * @return the topics with records of the user
     */
    public List<Remains> find(Consumer<String> progress) throws InterruptedException {
        remains.clear();
        erasable.clear();
        unread.clear();
        try (SchemaRegistry registry = connection.openRegistry();
                TopicReader reader = TopicReader.open(connection)) {
            List<String> existing = existing(reader);
            Map<String, TopicRetention> retention = TopicRetention.of(connection, existing);
            for (String topic : existing) {
                progress.accept(topic);
                find(topic, Objects.requireNonNull(retention.get(topic)), registry, reader);
            }
        }
        return List.copyOf(remains);
    }

    /** The topics that exist, with those of results, also of analyses that are gone. */
    private List<String> existing(TopicReader reader) {
        String results = connection.topics().prefix() + "results.";
        Set<String> found = reader.topics();
        return Stream.concat(
                        topics.stream().filter(found::contains),
                        found.stream().filter(name -> name.startsWith(results)).sorted())
                .toList();
    }

    /** What could not be read, in words. */
    public List<String> unread() {
        return List.copyOf(unread);
    }

    private void find(
            String topic, TopicRetention retention, SchemaRegistry registry, TopicReader reader) {
        LenientDecoder<GenericRecord> decoder =
                new LenientDecoder<>(
                        connection.genericDeserializer(registry),
                        topic,
                        value -> value.getSchema().getField("userId") != null);
        boolean isErasable = erasableTopics.contains(topic);
        Map<Key, List<Instant>> found = new LinkedHashMap<>();
        reader.readAll(
                topic,
                record -> {
                    Key key = key(record, isErasable);
                    boolean isOfUser =
                            record.value() != null
                                    && decoder.decode(record).filter(this::isOfUser).isPresent();
                    if (isOfUser) {
                        found.computeIfAbsent(key, _ -> new ArrayList<>())
                                .add(Instant.ofEpochMilli(record.timestamp()));
                    } else if (isErasable) {
                        // The latest record of a key counts; the brokers take the others away.
                        found.remove(key);
                    }
                });
        decoder.unread().warning().ifPresent(unread::add);
        List<Instant> times = found.values().stream().flatMap(List::stream).sorted().toList();
        if (!times.isEmpty()) {
            remains.add(
                    new Remains(
                            topic,
                            times.size(),
                            times.getFirst(),
                            times.getLast(),
                            isErasable,
                            retention.keptFor()));
        }
        if (isErasable) {
            erasable.addAll(found.keySet());
        }
    }

    /** The record's own key where that is erased; else one for all records of the partition. */
    private static Key key(ConsumerRecord<byte[], byte[]> record, boolean isErasable) {
        byte[] bytes = isErasable && record.key() != null ? record.key() : new byte[0];
        return new Key(record.topic(), record.partition(), ByteBuffer.wrap(bytes));
    }

    private boolean isOfUser(GenericRecord value) {
        Object of = value.get("userId");
        return of != null && user.contentEquals(of.toString());
    }

    /**
     * Erases what was found on compacted topics: writes records without a value, so that the
     * brokers take the others away when they compact the topics.
     *
     * @return number of erased keys
     * @throws IllegalStateException if the brokers do not take them all
     */
    public int erase() throws InterruptedException {
        Writes.all(connection, erasable, this::tombstone);
        return erasable.size();
    }

    private ProducerRecord<byte[], byte[]> tombstone(Key key) {
        byte[] bytes = new byte[key.bytes().remaining()];
        key.bytes().duplicate().get(bytes);
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(key.topic(), key.partition(), bytes, null);
        boolean isAddition =
                key.topic().equals(connection.topics().budgets())
                        && !user.equals(new String(bytes, StandardCharsets.UTF_8));
        if (isAddition) {
            // Otherwise admission takes it for the limits of a user with this name.
            record.headers().add(HeaderNames.ERASED, new byte[0]);
        }
        return record;
    }
}
