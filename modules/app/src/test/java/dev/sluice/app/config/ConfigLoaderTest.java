package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.admission.AdmissionSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {

    @TempDir private Path folder;

    @Test
    void defaultsAreSane() throws IOException {
        SluiceConfig config = load("");

        assertThat(config.worker().maxInFlight()).isEqualTo(1_000);
        assertThat(config.worker().commitInterval()).isEqualTo(Duration.ofMillis(25));
        assertThat(config.admission().commitInterval())
                .isEqualTo(AdmissionSettings.COMMIT_INTERVAL);
        assertThat(config.worker().grace()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.topics().prefix()).isEqualTo("sluice.");
        assertThat(config.http().host()).isEqualTo("127.0.0.1");
    }

    @Test
    void defaultsOfAnInstallationCountWhereTheFileSaysNothing() throws IOException {
        Path defaults = folder.resolve("defaults.yaml");
        Files.writeString(defaults, "http.host: 0.0.0.0\nadmission.state-dir: /state\n");
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, "http:\n  host: 10.0.0.1\n");

        SluiceConfig config = ConfigLoader.load(Optional.of(defaults), Optional.of(file), Map.of());

        assertThat(config.http().host()).isEqualTo("10.0.0.1");
        assertThat(config.admission().stateDir()).isEqualTo(Path.of("/state"));
        assertThat(
                        ConfigLoader.load(
                                        Optional.of(defaults),
                                        Optional.of(file),
                                        Map.of("SLUICE_ADMISSION_STATE_DIR", "/other"))
                                .admission()
                                .stateDir())
                .isEqualTo(Path.of("/other"));
    }

    @Test
    void kafkaSettingsArePassedOnUntouched() throws IOException {
        SluiceConfig nested =
                load(
                        """
                        kafka:
                          bootstrap.servers: a:1,b:2
                          security:
                            protocol: SSL
                        schema-registry:
                          schema.registry.url: http://r:8081
                        """);

        assertThat(nested.kafka())
                .containsEntry("bootstrap.servers", "a:1,b:2")
                .containsEntry("security.protocol", "SSL");
        assertThat(nested.schemaRegistry()).containsEntry("schema.registry.url", "http://r:8081");
    }

    @Test
    void modelNamesMayHaveDots() throws IOException {
        SluiceConfig config =
                load(
                        """
                        models:
                          gpt-4.1-mini:
                            deployments:
                              - base-url: http://127.0.0.1:9/v1
                                api-key: k
                                requests-per-minute: 7
                        """);

        SluiceConfig.Deployment deployment =
                config.models().get("gpt-4.1-mini").deployments().getFirst();
        assertThat(deployment.requestsPerMinute()).hasValue(7);
        assertThat(deployment.provider()).as("the provider comes from the price table").isEmpty();
    }

    @Test
    void environmentTakesPrecedenceOverTheFile() throws IOException {
        SluiceConfig config =
                load(
                        """
                        worker:
                          max-in-flight: 5
                        kafka:
                          bootstrap.servers: file:1
                        """,
                        Map.of(
                                "SLUICE_WORKER_MAX_IN_FLIGHT", "6",
                                "SLUICE_KAFKA_BOOTSTRAP_SERVERS", "env:1"));

        assertThat(config.worker().maxInFlight()).isEqualTo(6);
        assertThat(config.kafka()).containsEntry("bootstrap.servers", "env:1");
    }

    @Test
    void environmentChangesWhatTheFileNames() throws IOException {
        SluiceConfig config =
                load(
                        """
                        models:
                          gpt-4.1-mini:
                            deployments:
                              - requests-per-minute: 7
                        rates:
                          users:
                            nightly-crawl: 10
                        """,
                        Map.of(
                                "SLUICE_RATES_USERS_NIGHTLY_CRAWL", "500",
                                "SLUICE_MODELS__GPT_4_1_MINI__DEPLOYMENTS_0__TIMEOUT", "7s"));

        assertThat(config.rates().users()).containsExactly(Map.entry("nightly-crawl", 500));
        SluiceConfig.Deployment deployment =
                config.models().get("gpt-4.1-mini").deployments().getFirst();
        assertThat(deployment.timeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(deployment.requestsPerMinute()).hasValue(7);
    }

    @Test
    void variablesThatWouldSetNothingAreReportedWithTheFix() {
        assertThatThrownBy(() ->
                        load(
                                "",
                                Map.of(
                                        "SLUICE_WORKER_MAX_IN_FLIGTH", "5",
                                        "SLUICE_BUDGETS_USERS_ANN", "7",
                                        "SLUICE_MODELS_X_DEPLOYMENTS_0__TIMEOUT", "7s")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining(
                        "SLUICE_WORKER_MAX_IN_FLIGTH is not a valid setting;"
                                + " did you mean SLUICE_WORKER_MAX_IN_FLIGHT?")
                .hasMessageContaining("SLUICE_BUDGETS_USERS_ANN: the environment changes only")
                .hasMessageContaining("SLUICE_MODELS_X_DEPLOYMENTS_0__TIMEOUT: the environment");
    }

    @Test
    void variablesOfTheLauncherAndOfKubernetesAreIgnored() throws IOException {
        SluiceConfig config =
                load(
                        "",
                        Map.of(
                                "SLUICE_JAVA_OPTS", "-Xmx1g",
                                "SLUICE_SERVICE_HOST", "10.0.0.1",
                                "SLUICE_SERVICE_PORT_HTTP", "8080",
                                "SLUICE_PORT", "tcp://10.0.0.1:8080",
                                "SLUICE_WORKER_PORT_8080_TCP_ADDR", "10.0.0.1",
                                "SLUICE_HTTP_PORT", "9090"));

        assertThat(config.http().port()).isEqualTo(9_090);
    }

    @Test
    void allProblemsAreReportedAtOnceWithASuggestion() {
        assertThatThrownBy(() ->
                        load(
                                """
                                worker:
                                  max-in-fligth: 5
                                  grace: soon
                                http:
                                  port: eighty
                                """))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("worker.max-in-fligth is not a valid setting")
                .hasMessageContaining("did you mean worker.max-in-flight?")
                .hasMessageContaining("worker.grace")
                .hasMessageContaining("http.port");
    }

    @Test
    void everyKeyIsDocumented() throws IOException {
        Path docs = Path.of("../../docs");
        String configuration = Files.readString(docs.resolve("CONFIGURATION.md"));

        assertThat(DeclaredKeys.of(SluiceConfig.class))
                .isNotEmpty()
                .allSatisfy(key -> assertThat(configuration).contains("`" + key + "`"));
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
