package dev.sluice.e2e;

import dev.sluice.devkit.EmbeddedKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The broker of this JVM, started when it is first needed. {@code -Dbroker=container} runs Kafka's
 * own image, {@code -Dbroker=embedded} runs it in this process. Without it: the image where Docker
 * answers and has the image or can get it, else embedded. Which one ran is in {@code
 * target/brokers.txt}.
 */
final class TestBroker {
    private static final DockerImageName IMAGE = DockerImageName.parse("apache/kafka:4.3.1");
    private static final Path RECORD = Path.of("target", "brokers.txt");

    /** Started by the first use of this class. */
    private static final String SERVERS = start(System.getProperty("broker", ""));

    private TestBroker() {}

    /** The address for clients. */
    static String bootstrapServers() {
        return SERVERS;
    }

    private static String start(String choice) {
        return switch (choice) {
            case "container" -> container();
            case "embedded" -> embedded("chosen");
            default ->
                    Files.exists(Path.of("/var/run/docker.sock"))
                            ? containerOrEmbedded()
                            : embedded("Docker is not installed");
        };
    }

    private static String containerOrEmbedded() {
        try {
            return container();
        } catch (RuntimeException e) {
            return embedded("no container: " + e.getMessage());
        }
    }

    // The container lives as long as this JVM.
    @SuppressWarnings("resource")
    private static String container() {
        KafkaContainer kafka = new KafkaContainer(IMAGE);
        EmbeddedKafka.tuning()
                .forEach((name, value) ->
                        kafka.withEnv(
                                "KAFKA_" + name.replace('.', '_').toUpperCase(Locale.ROOT), value));
        kafka.start();
        Runtime.getRuntime().addShutdownHook(new Thread(kafka::stop));
        record("container " + IMAGE);
        return kafka.getBootstrapServers();
    }

    private static String embedded(String reason) {
        EmbeddedKafka kafka = EmbeddedKafka.start();
        Runtime.getRuntime().addShutdownHook(new Thread(kafka::close));
        record("embedded (" + reason + ")");
        return kafka.bootstrapServers();
    }

    private static void record(String broker) {
        try {
            Files.writeString(
                    RECORD,
                    broker + System.lineSeparator(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
