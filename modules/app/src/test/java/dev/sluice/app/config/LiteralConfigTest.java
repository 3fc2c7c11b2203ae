package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values are literal, and keys are found in every way of writing them. */
class LiteralConfigTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {"pa$$word", "${x}", "a${x:y}b", "c\\$d", "%{x}", "#{x}", "a,b\\,c", " ", ""})
    void valuesThatArePassedOnAreLiteral(String value) throws IOException {
        SluiceConfig config =
                load(
                        """
                        kafka:
                          sasl.jaas.config: '%1$s'
                        schema-registry: {basic.auth.user.info: '%1$s'}
                        models: {m: {deployments: [{api-key: '%1$s', base-url: 'http://h/v1'}]}}
                        """
                                .formatted(value),
                        Map.of("SLUICE_KAFKA_SSL_KEY_PASSWORD", value));

        assertThat(config.kafka())
                .containsEntry("sasl.jaas.config", value)
                .containsEntry("ssl.key.password", value);
        assertThat(config.schemaRegistry()).containsEntry("basic.auth.user.info", value);
        assertThat(config.models().get("m").deployments().getFirst().apiKey().orElse(""))
                .isEqualTo(value);
    }

    @Test
    void dottedNestedAndMixedKeysMeanTheSame() throws IOException {
        SluiceConfig dotted =
                load(
                        """
                        http.port: 8181
                        kafka.bootstrap.servers: [a:1, b:2]
                        kafka.ssl.endpoint.identification.algorithm:
                        budgets.users.alice@example.com: 7
                        budgets: {daily-usd: 2, users.bob: 3, users: {no: 1, "1.5": 4}}
                        models.gpt-4.1-mini.deployments:
                          - {requests-per-minute: 9}
                        worker:
                          max-in-flight: 6
                        worker.grace: 5s
                        """);

        assertThat(dotted.http().port()).isEqualTo(8_181);
        assertThat(dotted.kafka())
                .containsEntry("bootstrap.servers", "a:1,b:2")
                .containsEntry("ssl.endpoint.identification.algorithm", "");
        assertThat(dotted.budgets().users())
                .containsOnly(
                        Map.entry("alice@example.com", new BigDecimal("7")),
                        Map.entry("bob", new BigDecimal("3")),
                        Map.entry("no", new BigDecimal("1")),
                        Map.entry("1.5", new BigDecimal("4")));
        assertThat(dotted.models().get("gpt-4.1-mini").deployments()).hasSize(1);
        assertThat(dotted.worker().maxInFlight()).isEqualTo(6);
        assertThat(dotted.worker().grace()).hasSeconds(5);
    }

    @Test
    void keySetTwiceIsRejectedWithBothLines() {
        assertProblem(
                "worker:\n  grace: 5s\nhttp:\n  port: 1\nworker:\n  max-outcomes: 7\n",
                "worker is set twice, in line 1 and in line 5");
        assertProblem(
                "http.port: 1\nhttp:\n  port: 2\n",
                "http.port is set twice, in line 1 and in line 3");
        assertProblem(
                "kafka:\n  a.b: x\n  a:\n    b: y\n",
                "kafka.\"a.b\" is set twice, in line 2 and in line 4");
        assertProblem(
                "http:\n  port: 1\n---\nhttp:\n  host: h\n",
                "a second document begins in line 4, the first in line 1");
    }

    @Test
    void byteOrderMarkIsIgnored() throws IOException {
        assertThat(load("\uFEFFhttp:\n  port: 7\n").http().port()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "models: {m: {deployments: [{api-key: *SECRET}]}}",
                "models: {m: {deployments: [{api-key: @SECRET}]}}",
                "kafka:\n  sasl.jaas.config: \"SECRET\n",
                "kafka:\n  sasl.jaas.config: 'SECRET' SECRET\n",
                "kafka:\n  sasl.jaas.config: SECRET: SECRET\n",
                "kafka:\n\tx: SECRET",
                "kafka: SECRET",
                "models: {m: {deployments: [{api-key: [SECRET]}]}}",
                "models: {m: {deployments: SECRET}}",
                "models: {m: {deployments: [SECRET]}}",
            })
    void noMessageShowsTheContentOfTheFile(String yaml) {
        assertThatThrownBy(() -> load(yaml))
                .isInstanceOf(InvalidConfigException.class)
                .satisfies(e -> assertThat(whole(e)).doesNotContain("SECRET"))
                .hasMessageContaining("line ");
    }

    @Test
    void fileThatIsNotTextIsReported() throws IOException {
        Path file = folder.resolve("sluice.yaml");
        Files.write(file, "kafka: ü".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> ConfigLoader.load(Optional.of(file), Map.of()))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("sluice.yaml as UTF-8 text");
    }

    @Test
    void variableThatMayMeanTwoUsersIsRejected() throws IOException {
        String yaml = "budgets: {users: {alice-x: 1, alice_x: 2, bob: 3, bob-b: 4}}";

        assertThatThrownBy(() -> load(yaml, Map.of("SLUICE_BUDGETS_USERS_ALICE_X", "9")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining(
                        "SLUICE_BUDGETS_USERS_ALICE_X may mean budgets.users.alice-x or"
                                + " budgets.users.alice_x: write it in the file");
        assertThatThrownBy(() ->
                        load(
                                "budgets: {users: {a@b.c: 1, a.b@c: 2}}",
                                Map.of("SLUICE_BUDGETS_USERS__A_B_C_", "9")))
                .hasMessageContaining("may mean");
        assertThatThrownBy(() -> load(yaml, Map.of("SLUICE_BUDGETS_USERS_BOB_C", "9")))
                .hasMessageContaining("the environment changes only what the file names");
        assertThat(load(yaml, Map.of("SLUICE_BUDGETS_USERS_BOB_B", "9")).budgets().users())
                .containsEntry("bob", new BigDecimal("3"))
                .containsEntry("bob-b", new BigDecimal("9"));
    }

    private void assertProblem(String yaml, String problem) {
        assertThatThrownBy(() -> load(yaml))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining(problem);
    }

    private static String whole(Throwable failure) {
        StringBuilder text = new StringBuilder();
        for (Throwable one = failure; one != null; one = one.getCause()) {
            text.append(one).append('\n');
        }
        return text.toString();
    }

    private SluiceConfig load(String yaml) throws IOException {
        return load(yaml, Map.of());
    }

    private SluiceConfig load(String yaml, Map<String, String> environment) throws IOException {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, yaml);
        return ConfigLoader.load(Optional.of(file), environment);
    }
}
