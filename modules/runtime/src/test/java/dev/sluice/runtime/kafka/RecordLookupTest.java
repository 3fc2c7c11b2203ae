package dev.sluice.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.contract.Topics;
import dev.sluice.devkit.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RecordLookupTest {
    private static final TopicPartition FIRST = new TopicPartition("t", 0);
    private static final TopicPartition SECOND = new TopicPartition("t", 1);
    private static EmbeddedKafka kafka;
    private static KafkaConnection connection;

    @BeforeAll
    static void write() throws Exception {
        kafka = EmbeddedKafka.start();
        connection =
                new KafkaConnection(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        Map.of(),
                        new Topics("t."),
                        1 << 20);
        try (Admin admin = Admin.create(connection.client())) {
            NewTopic topic = new NewTopic("t", 2, (short) 1);
            admin.createTopics(List.of(topic)).all().get();
            TopicPlan.awaitLeaders(admin, List.of(topic));
        }
        // Two records, an aborted one between them, and the ends of the transactions.
        Map<String, Object> settings = connection.producer();
        settings.put("transactional.id", "test");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            for (String text : List.of("first", "aborted", "last")) {
                producer.beginTransaction();
                var _ =
                        producer.send(
                                        new ProducerRecord<>(
                                                "t",
                                                0,
                                                null,
                                                text.getBytes(StandardCharsets.UTF_8)))
                                .get();
                if (text.equals("aborted")) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @Test
    void recordsAreFoundInAnyOrder() throws Exception {
        try (RecordLookup lookup = new RecordLookup(connection)) {
            assertThat(text(lookup, FIRST, 4)).contains("last");
            assertThat(text(lookup, FIRST, 0)).contains("first");
            assertThat(text(lookup, FIRST, 4)).contains("last");
        }
    }

    @Test
    void whatIsNoRecordIsNotFound() throws Exception {
        try (RecordLookup lookup = new RecordLookup(connection)) {
            assertThat(text(lookup, FIRST, 1)).as("the end of a transaction").isEmpty();
            assertThat(text(lookup, FIRST, 2)).as("an aborted record").isEmpty();
            assertThat(text(lookup, FIRST, 5)).as("the last end").isEmpty();
            assertThat(text(lookup, FIRST, 6)).as("not written yet").isEmpty();
            assertThat(text(lookup, SECOND, 0)).as("an empty partition").isEmpty();
            assertThat(text(lookup, new TopicPartition("t", 9), 0)).as("no partition").isEmpty();
            assertThat(text(lookup, new TopicPartition("none", 0), 0)).as("no topic").isEmpty();
            assertThat(text(lookup, FIRST, 0)).contains("first");
        }
    }

    @Test
    void partitionThatWasAddedLaterIsKnown() throws Exception {
        NewTopic topic = new NewTopic("growing", 1, (short) 1);
        TopicPartition added = new TopicPartition("growing", 1);
        try (Admin admin = Admin.create(connection.client());
                RecordLookup lookup = new RecordLookup(connection)) {
            admin.createTopics(List.of(topic)).all().get();
            TopicPlan.awaitLeaders(admin, List.of(topic));
            assertThat(text(lookup, added, 0)).isEmpty();

            admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(2))).all().get();
            TopicPlan.awaitLeaders(admin, List.of(new NewTopic("growing", 2, (short) 1)));
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(
                            connection.producer(),
                            new ByteArraySerializer(),
                            new ByteArraySerializer())) {
                var _ =
                        producer.send(new ProducerRecord<>("growing", 1, null, new byte[] {'x'}))
                                .get();
            }

            assertThat(text(lookup, added, 0)).contains("x");
        }
    }

    @Test
    void brokersThatDoNotAnswerAreReportedWithinTenSeconds() {
        KafkaConnection nowhere =
                new KafkaConnection(
                        Map.of("bootstrap.servers", "127.0.0.1:1"),
                        Map.of(),
                        new Topics("t."),
                        1 << 20);
        try (RecordLookup lookup = new RecordLookup(nowhere)) {
            assertThatThrownBy(() -> text(lookup, FIRST, 0)).isInstanceOf(TimeoutException.class);
        }
    }

    @Test
    void closedOrInterruptedLookupThrows() throws Exception {
        RecordLookup lookup = new RecordLookup(connection);
        assertThat(text(lookup, FIRST, 0)).contains("first");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> text(lookup, FIRST, 0)).isInstanceOf(InterruptedException.class);
        assertThat(text(lookup, FIRST, 4)).as("goes on afterwards").contains("last");
        lookup.close();
        assertThatThrownBy(() -> text(lookup, FIRST, 0)).isInstanceOf(InterruptedException.class);
    }

    private static Optional<String> text(RecordLookup lookup, TopicPartition partition, long offset)
            throws InterruptedException {
        return lookup.find(partition, offset)
                .map(record -> new String(record.value(), StandardCharsets.UTF_8));
    }
}
