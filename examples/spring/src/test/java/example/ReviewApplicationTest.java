package example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.InvalidRequestException;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Topics;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.devkit.EmbeddedKafka;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.results.SeoOutput;
import dev.sluice.results.SeoResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

class ReviewApplicationTest {
    private static final Topics TOPICS = new Topics("t.");
    private static final EmbeddedKafka KAFKA = EmbeddedKafka.start();
    private static final EmbeddedRegistry REGISTRY = EmbeddedRegistry.start();
    private static final Map<String, Object> SERDE =
            Map.of("schema.registry.url", REGISTRY.url(), "specific.avro.reader", true);

    /** What the application handled. */
    private static final BlockingQueue<String> HANDLED = new LinkedBlockingQueue<>();

    @BeforeAll
    static void createTopics() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", KAFKA.bootstrapServers()))) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(TOPICS.requests(), 1, (short) 1),
                                    new NewTopic(TOPICS.results("seo"), 1, (short) 1),
                                    new NewTopic(TOPICS.deadLetters(), 1, (short) 1)))
                    .all()
                    .get();
        }
        // What sluice topics create does.
        try (ConfluentAvroSerializer<AnalysisRequest> serializer =
                new ConfluentAvroSerializer<>()) {
            serializer.configure(SERDE, false);
            serializer.require(TOPICS.requests(), AnalysisRequest.getClassSchema());
        }
    }

    @AfterAll
    static void stop() {
        REGISTRY.close();
        KAFKA.close();
    }

    /** A handler that remembers. */
    @Configuration
    static class Remembering {
        @Bean
        @Primary
        ReviewHandler remembering() {
            return new ReviewHandler() {
                @Override
                public void reviewed(SeoResult seo) {
                    super.reviewed(seo);
                    HANDLED.add("reviewed " + seo.getRequestId());
                }

                @Override
                public void failed(DeadLetter letter) {
                    super.failed(letter);
                    HANDLED.add("failed " + letter.getRequestId() + " " + letter.getReason());
                }
            };
        }
    }

    @Test
    void pagesArePublishedAndOutcomesAreHandledUntilTheApplicationStops() throws Exception {
        publish(TOPICS.results("seo"), result("p1"));
        publish(
                TOPICS.deadLetters(),
                DeadLetter.newBuilder()
                        .setRequestId("p2")
                        .setAnalysis("seo")
                        .setReason(Reason.REFUSED_BY_MODEL)
                        .build());
        Thread reading;
        try (ConfigurableApplicationContext application =
                new SpringApplicationBuilder(ReviewApplication.class, Remembering.class)
                        .run(
                                "--sluice.brokers=" + KAFKA.bootstrapServers(),
                                "--sluice.registry=" + REGISTRY.url(),
                                "--sluice.prefix=t.")) {
            reading = thread();
            Reviews reviews = application.getBean(Reviews.class);
            var _ = reviews.ask("ann", "p1", "<html></html>").get(60, TimeUnit.SECONDS);

            assertThat(requested().getRequestId()).hasToString("p1");
            assertThat(List.of(handled(), handled()))
                    .containsExactlyInAnyOrder("reviewed p1", "failed p2 REFUSED_BY_MODEL");
            assertThatThrownBy(() -> reviews.ask("ann", "p3", " ").get(60, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("content is empty");

            ReviewReader reader = application.getBean(ReviewReader.class);
            reader.stop();
            assertThat(reader.isRunning()).isFalse();
            publish(TOPICS.results("seo"), result("p4"));
            reader.start();
            reading = thread();
            assertThat(handled()).isEqualTo("reviewed p4");
        }
        assertThat(reading.isAlive()).isFalse();
    }

    private static String handled() throws InterruptedException {
        String handled = HANDLED.poll(60, TimeUnit.SECONDS);
        assertThat(handled).isNotNull();
        return handled;
    }

    private static Thread thread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("reviews"))
                .findFirst()
                .orElseThrow();
    }

    private static void publish(String topic, SpecificRecord value) throws Exception {
        try (ConfluentAvroSerializer<SpecificRecord> serializer = new ConfluentAvroSerializer<>()) {
            serializer.configure(SERDE, false);
            try (KafkaProducer<String, SpecificRecord> producer =
                    new KafkaProducer<>(
                            Map.of("bootstrap.servers", KAFKA.bootstrapServers()),
                            new StringSerializer(),
                            serializer)) {
                var _ = producer.send(new ProducerRecord<>(topic, "key", value)).get();
            }
        }
    }

    private static AnalysisRequest requested() {
        try (KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(
                                Map.of("bootstrap.servers", KAFKA.bootstrapServers()),
                                new ByteArrayDeserializer(),
                                new ByteArrayDeserializer());
                ConfluentAvroDeserializer<AnalysisRequest> deserializer =
                        new ConfluentAvroDeserializer<>()) {
            deserializer.configure(SERDE, false);
            List<TopicPartition> partitions = List.of(new TopicPartition(TOPICS.requests(), 0));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(30))) {
                return deserializer.deserialize(TOPICS.requests(), record.value());
            }
            throw new AssertionError("no request was published");
        }
    }

    private static SeoResult result(String requestId) {
        return SeoResult.newBuilder()
                .setRequestId(requestId)
                .setUserId("ann")
                .setAnalysis("seo")
                .setModel("m")
                .setOutput(
                        SeoOutput.newBuilder()
                                .setTitleTag("A title")
                                .setTitleLength(7)
                                .setIssues(List.of())
                                .setRecommendations(List.of())
                                .setPriorityScore(1)
                                .setSummary("Fine.")
                                .build())
                .build();
    }
}
