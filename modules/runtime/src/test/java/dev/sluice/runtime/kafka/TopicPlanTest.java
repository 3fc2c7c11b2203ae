package dev.sluice.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Topics;
import dev.sluice.devkit.EmbeddedKafka;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

class TopicPlanTest {
    @Test
    void existingTopicsAreNotChangedAndDifferencesAreReported() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            TopicPlan plan = plan(kafka, 4);
            NewTopic jobs =
                    new NewTopic("t.internal.jobs.m.v1", 2, (short) 1)
                            .configs(
                                    Map.of(
                                            "cleanup.policy",
                                            "compact",
                                            "max.message.bytes",
                                            "1000"));
            admin.createTopics(Set.of(jobs)).all().get();

            assertThat(plan.differences(admin))
                    .anySatisfy(said ->
                            assertThat(said)
                                    .startsWith("t.internal.jobs.m.v1 has 2 partitions")
                                    .contains("topics.partitions"))
                    .anySatisfy(said ->
                            assertThat(said)
                                    .contains("cleanup.policy=compact, planned is delete")
                                    .contains("kafka-configs --alter"))
                    .anySatisfy(said -> assertThat(said).contains("retention.ms="))
                    .anySatisfy(said -> assertThat(said).contains("max.message.bytes="))
                    .hasSize(4);
        }
    }

    @Test
    void createdTopicsHaveNoDifferences() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            TopicPlan plan = plan(kafka, 4);

            assertThat(plan.create(admin)).contains("t.internal.attempts.m.v1", "t.spend.v1");

            assertThat(plan.differences(admin)).isEmpty();
            assertThat(plan.create(admin)).isEmpty();
            assertThat(plan(kafka, 8).differences(admin))
                    .hasSameSizeAs(admin.listTopics().names().get());
        }
    }

    @Test
    void publicTopicsUseTheConfiguredCodecAndRequestsTheProducers() {
        KafkaConnection connection =
                new KafkaConnection(Map.of(), Map.of(), new Topics("t."), 8 << 20);
        List<String> both = List.of("seo");
        Map<String, String> codecs = new TreeMap<>();
        new TopicPlan(connection, both, List.of("m"), 4, (short) 1, Codec.ZSTD)
                .topics()
                .forEach(
                        topic -> codecs.put(topic.name(), topic.configs().get("compression.type")));

        assertThat(codecs)
                .containsEntry("t.requests.v1", "producer")
                .containsEntry("t.results.seo.v1", "zstd")
                .containsEntry("t.dead-letters.v1", "zstd")
                .containsEntry("t.calls.v1", "zstd")
                .containsEntry("t.spend.v1", "zstd")
                .containsEntry("t.budgets.v1", "zstd")
                .containsEntry("t.internal.jobs.m.v1", "lz4")
                .containsEntry("t.internal.settlements.v1", "lz4");
    }

    @Test
    void compressionIsNotADifference() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            TopicPlan before = plan(kafka, 4);
            assertThat(before.create(admin)).isNotEmpty();

            TopicPlan now =
                    new TopicPlan(
                            before.connection(),
                            before.analyses(),
                            before.models(),
                            before.partitions(),
                            before.replicas(),
                            Codec.NONE);

            assertThat(now.differences(admin)).isEmpty();
        }
    }

    private static TopicPlan plan(EmbeddedKafka kafka, int partitions) {
        KafkaConnection connection =
                new KafkaConnection(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        Map.of(),
                        new Topics("t."),
                        8 << 20);
        return new TopicPlan(connection, List.of("seo"), List.of("m"), partitions, (short) 1);
    }
}
