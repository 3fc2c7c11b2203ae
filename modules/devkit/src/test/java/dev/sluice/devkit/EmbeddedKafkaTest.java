package dev.sluice.devkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class EmbeddedKafkaTest {
    @Test
    void transactionIsReadOnceCommitted() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
                KafkaProducer<String, String> producer =
                        new KafkaProducer<>(
                                Map.of(
                                        "bootstrap.servers",
                                        kafka.bootstrapServers(),
                                        "transactional.id",
                                        "t"),
                                new StringSerializer(),
                                new StringSerializer());
                KafkaConsumer<String, String> consumer =
                        new KafkaConsumer<>(
                                Map.of(
                                        "bootstrap.servers",
                                        kafka.bootstrapServers(),
                                        "isolation.level",
                                        "read_committed"),
                                new StringDeserializer(),
                                new StringDeserializer())) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
            producer.initTransactions();
            producer.beginTransaction();
            var unused = producer.send(new ProducerRecord<>("t", "dropped"));
            producer.abortTransaction();
            producer.beginTransaction();
            unused = producer.send(new ProducerRecord<>("t", "kept"));
            producer.commitTransaction();

            consumer.assign(List.of(new TopicPartition("t", 0)));
            consumer.seekToBeginning(consumer.assignment());
            var records = consumer.poll(Duration.ofSeconds(30));

            assertThat(records).extracting(record -> record.value()).containsExactly("kept");
        }
    }
}
