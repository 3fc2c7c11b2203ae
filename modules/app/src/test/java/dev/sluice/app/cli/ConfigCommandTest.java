package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.cli.common.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {
    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();

    @Test
    void everySettingIsShownWithItsOriginAndSecretsAreMasked() throws IOException {
        int exitCode =
                run(
                        """
                        kafka:
                          bootstrap.servers: broker:9092
                          sasl.jaas.config: hunter2
                          ssl.keystore.password: hunter2
                          ssl.keystore.location: /keys/store.p12
                        schema-registry:
                          schema.registry.url: https://ann:hunter2@registry
                          basic.auth.credentials.source: USER_INFO
                          basic.auth.user.info: ann:hunter2
                          request.header.proxy-authorization: hunter2
                        http.token: hunter2hunter2hunter2
                        worker.max-in-flight: 7
                        models.my-model.deployments:
                          - api-key: hunter2
                        """,
                        "show");

        assertThat(exitCode).isZero();
        assertThat(out.toString())
                .doesNotContain("hunter2")
                .containsPattern("worker.max-in-flight +sluice.yaml, line 12 +7\n")
                .containsPattern("worker.max-outcomes +default +500\n")
                .containsPattern("kafka.bootstrap.servers +sluice.yaml, line 2 +broker:9092\n")
                .containsPattern("kafka.sasl.jaas.config +\\S+ line 3 +\\*{8}\n")
                .containsPattern("kafka.ssl.keystore.password +\\S+ line 4 +\\*{8}\n")
                .containsPattern("kafka.ssl.keystore.location +\\S+ line 5 +/keys/store.p12\n")
                .containsPattern("schema.registry.url +\\S+ line 7 +https://\\*{8}@registry\n")
                .containsPattern("credentials.source +\\S+ line 8 +USER_INFO\n")
                .containsPattern("basic.auth.user.info +\\S+ line 9 +\\*{8}\n")
                .containsPattern("http.token +\\S+ line 11 +\\*{8}\n")
                .containsPattern("api-key +\\S+ line 14 +\\*{8}\n");
    }

    @Test
    void defaultsCanBeLeftOut() throws IOException {
        assertThat(run("worker.max-in-flight: 7\n", "show", "--set", "--json")).isZero();
        assertThat(out.toString())
                .isEqualTo(
                        "{\"key\":\"worker.max-in-flight\",\"value\":\"7\",\"from\":"
                                + "\"sluice.yaml, line 1\"}\n");
    }

    @Test
    void allProblemsOfTheValuesAreReportedAtOnce() throws IOException {
        int exitCode =
                run(
                        """
                        worker.max-inflight: 7
                        worker.grace: 5 parsecs
                        admission.max-waiting: -1
                        """,
                        "check");

        assertThat(exitCode).isEqualTo(ExitCode.MISUSED);
        assertThat(out.toString())
                .contains("worker.max-inflight", "did you mean")
                .contains("worker.grace", "parsecs")
                .contains("admission.max-waiting")
                .endsWith("3 problems\n");
    }

    @Test
    void whatIsMissingIsReportedAtOnce() throws IOException {
        int exitCode =
                run(
                        """
                        prices.file: nowhere.yaml
                        http.host: 0.0.0.0
                        http.token: short
                        """,
                        "check",
                        "--offline");

        assertThat(exitCode).isEqualTo(ExitCode.MISUSED);
        assertThat(out.toString())
                .contains("kafka.bootstrap.servers is missing")
                .contains("schema-registry.schema.registry.url is missing")
                .contains("prices.file cannot be read")
                .contains("http.token must have at least 16 characters")
                .doesNotContain("\tat ");
    }

    @Test
    void unreachableBrokersAndRegistryAreReportedAtOnce() throws IOException {
        int exitCode =
                run(
                        """
                        kafka:
                          bootstrap.servers: 127.0.0.1:1
                          default.api.timeout.ms: 1000
                          request.timeout.ms: 500
                        schema-registry.schema.registry.url: http://127.0.0.1:1
                        """,
                        "check",
                        "--roles",
                        "admission");

        assertThat(exitCode).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString())
                .containsPattern("ok +configuration")
                .containsPattern(
                        "problem +brokers +no answer in time from the brokers at 127.0.0.1:1")
                .containsPattern("problem +schema registry +no answer from the schema registry")
                .endsWith("2 problems\n");
    }

    @Test
    void keysAreExplained() {
        assertThat(keys("http.port")).isZero();
        assertThat(out.toString())
                .contains("http.port")
                .contains("8080")
                .contains("SLUICE_HTTP_PORT")
                .contains("a whole number from 0 to 65535")
                .doesNotContain("http.token");
        out.getBuffer().setLength(0);
        assertThat(keys("--json")).isZero();
        assertThat(out.toString().lines())
                .allMatch(line -> line.startsWith("{\"key\":"))
                .anyMatch(line -> line.contains("\"worker.max-in-flight\""));
        assertThat(keys("no-such-word")).isNotZero();
    }

    private int keys(String argument) {
        return SluiceCommand.commandLine(Optional.empty())
                .setOut(new PrintWriter(out))
                .execute("config", "keys", argument);
    }

    private int run(String yaml, String... arguments) throws IOException {
        Path config = Files.writeString(folder.resolve("sluice.yaml"), yaml);
        String[] all = new String[arguments.length + 3];
        all[0] = "config";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[arguments.length + 1] = "--config";
        all[arguments.length + 2] = config.toString();
        return SluiceCommand.commandLine(Optional.empty())
                .setOut(new PrintWriter(out))
                .execute(all);
    }
}
