package dev.sluice.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.EmbeddedRegistry;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class DependencyTest {
    private Instant now = Instant.EPOCH;
    private Optional<String> failure = Optional.empty();
    private final Dependency dependency =
            new Dependency("brokers", "b:9092", "kafka.servers", () -> failure, () -> now);

    @Test
    void dependencyIsDownUntilItHasAnswered() throws InterruptedException {
        assertThat(dependency.complaint())
                .contains("no answer yet from the brokers at b:9092 (kafka.servers)");
        assertThat(dependency.isUp()).isFalse();

        dependency.look();

        assertThat(dependency.complaint()).isEmpty();
        assertThat(dependency.isUp()).isTrue();
    }

    @Test
    void dependencyThatNeverAnsweredIsLostAtOnce() throws InterruptedException {
        failure = Optional.of("refused");
        dependency.look();
        now = now.plusSeconds(7);

        assertThat(dependency.complaint())
                .contains("no answer for 7 s from the brokers at b:9092 (kafka.servers): refused");
    }

    @Test
    void twoFailedChecksAreAnOutage() throws InterruptedException {
        dependency.look();
        failure = Optional.of("late");
        dependency.look();
        assertThat(dependency.isUp()).isTrue();

        dependency.look();
        assertThat(dependency.isUp()).isFalse();

        failure = Optional.empty();
        dependency.look();
        assertThat(dependency.isUp()).isTrue();
    }

    @Test
    void registryThatAnswersWithAnErrorIsUpAndItsPasswordIsNotShown() throws InterruptedException {
        try (EmbeddedRegistry server = EmbeddedRegistry.start()) {
            KafkaConnection connection =
                    new KafkaConnection(
                            Map.of(),
                            Map.of(
                                    "schema.registry.url",
                                    server.url().replace("//", "//user:secret@"),
                                    "basic.auth.credentials.source",
                                    "URL"),
                            new Topics("t."),
                            1_000);
            try (SchemaRegistry registry = connection.openRegistry()) {
                Dependency asked = Dependency.registry(connection, registry, () -> now);
                asked.look();
                assertThat(asked.isUp()).isTrue();

                server.fail(503);
                asked.look();
                asked.look();

                assertThat(asked.complaint())
                        .hasValueSatisfying(complaint ->
                                assertThat(complaint)
                                        .contains(
                                                server.url(), "schema-registry.schema.registry.url")
                                        .doesNotContain("secret"));
            }
        }
    }

    @Test
    void unreachableBrokersAreLost() throws InterruptedException {
        KafkaConnection connection =
                new KafkaConnection(
                        Map.of("bootstrap.servers", "127.0.0.1:1"),
                        Map.of(),
                        new Topics("t."),
                        1_000);
        try (Admin admin = Admin.create(connection.client())) {
            Dependency asked = Dependency.brokers(connection, admin, () -> now);
            asked.look();

            assertThat(asked.complaint())
                    .hasValueSatisfying(complaint ->
                            assertThat(complaint)
                                    .contains("127.0.0.1:1", "kafka.bootstrap.servers"));
        }
    }
}
