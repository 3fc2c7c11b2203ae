package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.SubjectPlan;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A client that has only settings: the names of two classes and their keys. Confluent's classes are
 * there with the profile {@code confluent}.
 */
class SerializerClassIT {

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "dev.sluice.contract.serde.ConfluentAvroSerializer,"
                + " dev.sluice.contract.serde.ConfluentAvroDeserializer",
        "io.confluent.kafka.serializers.KafkaAvroSerializer,"
                + " io.confluent.kafka.serializers.KafkaAvroDeserializer"
    })
    void nameOfTheClassIsAllThatDiffers(String serializer, String deserializer) throws Exception {
        assumeTrue(
                isPresent(serializer),
                "SKIPPED: " + serializer + " needs -Pconfluent (docs/USERS.md)");
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                SchemaRegistry registry = pipeline.connection.openRegistry()) {
            assertThat(new SubjectPlan(pipeline.connection).create(registry)).isNotEmpty();
            pipeline.start(EnumSet.allOf(Role.class));
            Map<String, Object> settings =
                    new HashMap<>(
                            Map.of(
                                    "bootstrap.servers",
                                    TestBroker.bootstrapServers(),
                                    "schema.registry.url",
                                    pipeline.registry.url(),
                                    "auto.register.schemas",
                                    "false",
                                    "use.latest.version",
                                    "true",
                                    "isolation.level",
                                    "read_committed",
                                    "key.serializer",
                                    StringSerializer.class,
                                    "key.deserializer",
                                    StringDeserializer.class));
            settings.put("value.serializer", serializer);
            settings.put("value.deserializer", deserializer);

            try (KafkaProducer<String, AnalysisRequest> producer = new KafkaProducer<>(settings)) {
                var _ =
                        producer.send(
                                        new ProducerRecord<>(
                                                pipeline.connection.topics().requests(),
                                                "ann",
                                                Pipeline.request("by-name", Pipeline.page(1))))
                                .get();
            }

            assertThat(pipeline.committed.awaitOutcomes(1, PATIENCE)).hasSize(1);
            assertThat(read(settings, pipeline.connection.topics().results("seo")))
                    .singleElement()
                    .satisfies(
                            result -> assertThat(result.get("requestId")).hasToString("by-name"));
        }
    }

    private static List<GenericRecord> read(Map<String, Object> settings, String topic) {
        try (KafkaConsumer<String, GenericRecord> consumer = new KafkaConsumer<>(settings)) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<GenericRecord> read = new ArrayList<>();
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (read.isEmpty() && System.nanoTime() < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> read.add(record.value()));
            }
            return read;
        }
    }

    private static boolean isPresent(String name) {
        try {
            Class<?> _ = Class.forName(name);
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
