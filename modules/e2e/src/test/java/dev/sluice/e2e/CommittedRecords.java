package dev.sluice.e2e;

import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** The committed records of an installation's topics, as a downstream consumer reads them. */
final class CommittedRecords {
    private final KafkaConnection connection;
    private final List<String> analyses;

    CommittedRecords(KafkaConnection connection, List<String> analyses) {
        this.connection = connection;
        this.analyses = List.copyOf(analyses);
    }

    /** A record as a downstream consumer reads it. */
    record Read(String topic, String place, String key, GenericRecord value) {
        boolean isResult() {
            return topic.contains("results.");
        }

        String text(String field) {
            return String.valueOf(value.get(field));
        }
    }

    /** All committed records of the outcome topics, from the beginning to the current end. */
    List<Read> outcomes() {
        return read(
                Stream.concat(
                                analyses.stream().map(connection.topics()::results),
                                Stream.of(connection.topics().deadLetters()))
                        .toArray(String[]::new));
    }

    List<Read> calls() {
        return read(connection.topics().calls());
    }

    /** Jobs that are not deleted yet, with the transaction markers. */
    long keptJobs() throws Exception {
        try (Admin admin = Admin.create(connection.client())) {
            return offsets(admin, OffsetSpec.latest()) - offsets(admin, OffsetSpec.earliest());
        }
    }

    /** All jobs that were ever written, with the transaction markers. */
    long writtenJobs() throws Exception {
        try (Admin admin = Admin.create(connection.client())) {
            return offsets(admin, OffsetSpec.latest());
        }
    }

    private long offsets(Admin admin, OffsetSpec which) throws Exception {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < Pipeline.PARTITIONS; partition++) {
            asked.put(
                    new TopicPartition(connection.topics().jobs(Pipeline.MODEL), partition), which);
            asked.put(
                    new TopicPartition(connection.topics().bulkJobs(Pipeline.MODEL), partition),
                    which);
        }
        return admin.listOffsets(asked).all().get().values().stream()
                .mapToLong(ListOffsetsResult.ListOffsetsResultInfo::offset)
                .sum();
    }

    /** The spend records that admission published; those of one user and day in their order. */
    List<Read> spends() {
        return read(connection.topics().spend());
    }

    /**
     * The amounts that admission has booked, including reservations: the latest record of each user
     * and day.
     */
    BigDecimal booked() {
        Map<String, GenericRecord> days = new HashMap<>();
        spends().forEach(spend -> days.put(spend.key(), spend.value()));
        return days.values().stream()
                .flatMap(
                        day -> Stream.of("spentUsd", "unconfirmedUsd", "reservedUsd").map(day::get))
                .map(BigDecimal.class::cast)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    List<Read> read(String... topics) {
        try (var schemas = connection.openRegistry()) {
            var deserializer = connection.genericDeserializer(schemas);
            return raw(connection, List.of(topics)).stream()
                    .map(record ->
                            new Read(
                                    record.topic(),
                                    record.partition() + "@" + record.offset(),
                                    record.key() == null
                                            ? ""
                                            : new String(record.key(), StandardCharsets.UTF_8),
                                    deserializer.deserialize(record.topic(), record.value())))
                    .toList();
        }
    }

    /** Committed records of some topics, from the beginning to the current end, as bytes. */
    static List<ConsumerRecord<byte[], byte[]>> raw(
            KafkaConnection connection, List<String> topics) {
        List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
        try (TopicReader reader = TopicReader.open(connection)) {
            topics.forEach(topic -> reader.readAll(topic, found::add));
        }
        return found;
    }

    /** Waits until there are this many outcomes. */
    List<Read> awaitOutcomes(int count, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            List<Read> outcomes = outcomes();
            if (outcomes.size() >= count || System.nanoTime() > end) {
                return outcomes;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
