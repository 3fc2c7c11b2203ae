package dev.sluice.worker.consume;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.contract.Topics;
import dev.sluice.devkit.EmbeddedKafka;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class UnreadJobsTest {
    private static final String GROUP = "workers";
    private static final Topics TOPICS = new Topics("test.");

    @Test
    void damagedCommitOfOneModelHidesNoJobsOfAnother() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                Admin admin = Admin.create(settings(kafka))) {
            publishJob(kafka, admin, "damaged");
            publishJob(kafka, admin, "unread");
            publishJob(kafka, admin, "read-here");
            admin.alterConsumerGroupOffsets(
                            GROUP,
                            Map.of(
                                    new TopicPartition(TOPICS.jobs("damaged"), 0),
                                    new OffsetAndMetadata(0, "sluice damaged")))
                    .all()
                    .get();
            UnreadJobs unreadJobs =
                    new UnreadJobs(
                            admin,
                            new KafkaConnection(settings(kafka), Map.of(), TOPICS, 1 << 20),
                            Set.of("read-here"),
                            GROUP,
                            Duration.ofMillis(100));
            Thread looking = Thread.ofPlatform().start(unreadJobs);
            try {
                await().atMost(Duration.ofSeconds(20))
                        .untilAsserted(() ->
                                assertThat(unreadJobs.complaint())
                                        .contains(
                                                "jobs wait for models that are not configured here:"
                                                        + " add models.unread until the jobs have"
                                                        + " ended"));
            } finally {
                unreadJobs.stop();
                looking.join();
            }
        }
    }

    private static Map<String, Object> settings(EmbeddedKafka kafka) {
        return Map.of("bootstrap.servers", kafka.bootstrapServers());
    }

    private static void publishJob(EmbeddedKafka kafka, Admin admin, String model)
            throws Exception {
        admin.createTopics(List.of(new NewTopic(TOPICS.jobs(model), 1, (short) 1))).all().get();
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        settings(kafka), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(TOPICS.jobs(model), "job".getBytes(UTF_8))).get();
        }
    }
}
