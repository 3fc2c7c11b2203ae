package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.config.ServicePlan.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigWarningsTest {
    private static final String BROKERS =
            """
            kafka.bootstrap.servers: a:1
            schema-registry.schema.registry.url: http://r:8081
            """;

    @TempDir private Path folder;

    @Test
    void misspeltKafkaSettingsAreNamedWithASuggestionAndWithoutTheirValues() throws IOException {
        assertThat(
                        warnings(
                                """
                                kafka.security.protocl: SASL_SSL
                                kafka.sasl.jaas.confg: secret-pass
                                kafka.producer.linger.mss: 5
                                """))
                .containsExactly(
                        "kafka.producer.linger.mss is not a setting of Kafka's clients; did you"
                                + " mean kafka.producer.linger.ms?",
                        "kafka.sasl.jaas.confg is not a setting of Kafka's clients; did you mean"
                                + " kafka.sasl.jaas.config?",
                        "kafka.security.protocl is not a setting of Kafka's clients; did you mean"
                                + " kafka.security.protocol?");
    }

    @Test
    void settingsOfClientsOfStreamsAndOfPluginsAreValid() throws IOException {
        assertThat(
                        warnings(
                                """
                                kafka.acks: all
                                kafka.consumer.session.timeout.ms: 6000
                                kafka.main.consumer.max.poll.records: 100
                                kafka.restore.consumer.fetch.max.bytes: 1000000
                                kafka.topic.min.insync.replicas: 2
                                kafka.admin.request.timeout.ms: 5000
                                kafka.rocksdb.config.setter: com.example.Setter
                                kafka.ssl.truststore.location: /etc/trust.p12
                                kafka.interceptor.classes: com.example.Audit
                                kafka.audit.sink.url: http://audit
                                kafka.com.example.reporter.interval: 5
                                """))
                .isEmpty();
    }

    @Test
    void modelWithoutAPriceIsNamedOnceWithTheFix() throws IOException {
        assertThat(
                        warnings(
                                """
                                models:
                                  house:
                                    deployments:
                                      - {model-id: our-own-7b, base-url: http://one/v1}
                                      - {model-id: our-own-7b, base-url: http://two/v1}
                                """))
                .singleElement()
                .asString()
                .startsWith("model house has no price of our-own-7b:")
                .contains("prices.file");
    }

    private List<String> warnings(String yaml) throws IOException {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, BROKERS + yaml);
        return ConfigWarnings.of(
                Plans.plan(
                        ConfigLoader.load(Optional.of(file), Map.of()),
                        EnumSet.allOf(Role.class),
                        Environment.of(Map.of("OPENAI_API_KEY", "o", "ANTHROPIC_API_KEY", "a"))),
                LocalDate.of(2026, 11, 1));
    }
}
