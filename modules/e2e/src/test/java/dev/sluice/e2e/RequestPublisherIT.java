package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.InvalidRequestException;
import dev.sluice.contract.RequestPublisher;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicPlan;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The Java client as upstream systems use it, and each way in which it can fail. */
class RequestPublisherIT {
    private static final Topics TOPICS = new Topics("sluice.");
    private static EmbeddedRegistry registry;
    private static String brokers;

    @BeforeAll
    static void createTopics() throws Exception {
        registry = EmbeddedRegistry.start();
        brokers = TestBroker.bootstrapServers();
        KafkaConnection connection = connection(registry.url());
        try (Admin admin = Admin.create(connection.client())) {
            assertThat(new TopicPlan(connection, List.of(), List.of(), 1, (short) 1).create(admin))
                    .contains(TOPICS.requests());
        }
    }

    @AfterAll
    static void close() {
        registry.close();
    }

    @Test
    void headersArriveAndTheKeyIsTheUser() throws Exception {
        try (RequestPublisher publisher = publisher(TOPICS, registry.url(), Map.of())) {
            var _ =
                    publisher
                            .publish(request("text"), Map.of("traceparent", "00-trace-span-01"))
                            .get(60, TimeUnit.SECONDS);
        }

        assertThat(last().headers().lastHeader("traceparent").value())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("00-trace-span-01");
        assertThat(last().key()).asString(StandardCharsets.UTF_8).isEqualTo("ann");
    }

    @Test
    void requestsOfUpToWhatTheTopicTakesAreAcceptedAndLargerOnesFailTheFuture() throws Exception {
        try (RequestPublisher publisher = publisher(TOPICS, registry.url(), Map.of())) {
            var _ = publisher.publish(request("x".repeat(8_388_000))).get(60, TimeUnit.SECONDS);
            CompletableFuture<RecordMetadata> larger =
                    publisher.publish(request("x".repeat(9 << 20)));

            assertThat(larger)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(RecordTooLargeException.class);
        }
    }

    @Test
    void topicThatIsMissingFailsTheFutureWithTheFixLongBeforeAMinute() {
        try (RequestPublisher publisher =
                publisher(new Topics("elsewhere."), registry.url(), Map.of())) {
            long start = System.nanoTime();

            CompletableFuture<RecordMetadata> sent = publisher.publish(request("text"));

            assertThat(sent)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(UnknownTopicOrPartitionException.class)
                    .withMessageContaining("elsewhere.requests.v1 does not exist")
                    .withMessageContaining("sluice topics create");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(45));
        }
    }

    @Test
    void problemsOfARequestOrTheRegistryFailTheFutureAndThrowNothing() {
        try (RequestPublisher publisher = publisher(TOPICS, registry.url(), Map.of())) {
            assertThat(publisher.publish(new AnalysisRequest()))
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(InvalidRequestException.class)
                    .withMessageContaining("requestId is missing");
            assertThat(publisher.publish(request(" \n")))
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(InvalidRequestException.class)
                    .withMessageContaining("content is empty");
        }
        try (RequestPublisher publisher =
                publisher(TOPICS, "http://127.0.0.1:1", Map.of("max.retries", 0))) {
            assertThat(publisher.publish(request("text")))
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(RegistryUnavailableException.class);
        }
        try (EmbeddedRegistry empty = EmbeddedRegistry.start();
                RequestPublisher publisher =
                        publisher(TOPICS, empty.url(), Map.of("auto.register.schemas", false))) {
            assertThat(publisher.publish(request("text")))
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(SerializationException.class);
        }
    }

    @Test
    void mistakesOfTheProgramAreThrownAtOnce() {
        assertThatThrownBy(() -> publisher(TOPICS, registry.url(), Map.of("acks", "most")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("acks");
        RequestPublisher publisher = publisher(TOPICS, registry.url(), Map.of());
        publisher.close();
        assertThatThrownBy(() -> publisher.publish(request("text")))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void headersGoWithTheRequest() throws Exception {
        try (RequestPublisher publisher = publisher(TOPICS, registry.url(), Map.of())) {
            var _ =
                    publisher
                            .publish(request("text"), Map.of(HeaderNames.GENERATION, "3"))
                            .get(30, TimeUnit.SECONDS);
        }

        assertThat(last().headers().lastHeader(HeaderNames.GENERATION).value())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("3");
    }

    private static ConsumerRecord<byte[], byte[]> last() {
        return CommittedRecords.raw(connection(registry.url()), List.of(TOPICS.requests()))
                .getLast();
    }

    private static AnalysisRequest request(String content) {
        return Pipeline.request("r-1", content);
    }

    private static RequestPublisher publisher(
            Topics topics, String registryUrl, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(connection(registryUrl).client());
        settings.put("schema.registry.url", registryUrl);
        settings.putAll(more);
        return new RequestPublisher(topics, settings);
    }

    private static KafkaConnection connection(String registryUrl) {
        return new KafkaConnection(
                Map.of("bootstrap.servers", brokers),
                Map.of("schema.registry.url", registryUrl),
                TOPICS,
                8 << 20);
    }
}
