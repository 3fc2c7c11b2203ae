package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.cli.SluiceCommand;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.contract.Topics;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.devkit.SecureKafka;
import dev.sluice.runtime.kafka.AclPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways to log in at brokers that have TLS, with the settings that users write. */
class KafkaSecurityIT {
    @TempDir private static Path certificates;

    private static SecureKafka kafka;
    private static EmbeddedRegistry registry;

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();

    @BeforeAll
    static void start() throws Exception {
        registry = EmbeddedRegistry.start();
        kafka = SecureKafka.start(certificates, "certificate", List.of("plain"));
        kafka.createScramUsers(List.of("scram"));
        try (Admin admin = Admin.create(kafka.administrator())) {
            for (String user : List.of("scram", "plain", "oauth", "certificate")) {
                var _ =
                        admin.createAcls(
                                        new AclPlan(new Topics(user + "."))
                                                .of(AclPlan.Role.OPERATOR, "User:" + user, ""))
                                .all()
                                .get();
            }
        }
    }

    @AfterAll
    static void stop() {
        kafka.close();
        registry.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"scram", "plain", "oauth", "certificate"})
    void operatorWithThisLoginCreatesTheTopics(String login) throws Exception {
        assertThat(run(login, settings(login), "topics", "create")).as("%s", out).isZero();
        assertThat(out.toString()).contains(login + ".requests.v1");
    }

    @Test
    void wrongPasswordIsNamedAndNotShown() throws Exception {
        assertThat(run("scram", kafka.scram("scram", "canary-82a1"), "topics", "create"))
                .isEqualTo(ExitCode.FAILED);

        assertThat(out.toString())
                .contains("reject the login", "kafka.sasl")
                .doesNotContain("canary-82a1", "\tat ");
    }

    @Test
    void certificateOfAnotherAuthorityIsNamed() throws Exception {
        Map<String, Object> wrong = new HashMap<>(kafka.scram("scram"));
        wrong.put("ssl.truststore.location", kafka.clientCertificate().store().toString());

        assertThat(run("scram", wrong, "topics", "create")).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString()).contains("TLS", "kafka.ssl").doesNotContain("\tat ");
    }

    @Test
    void missingClientCertificateIsNamed() throws Exception {
        Map<String, Object> without = new HashMap<>(kafka.certificate());
        without.keySet().removeIf(key -> key.startsWith("ssl.keystore"));

        assertThat(run("certificate", without, "topics", "create")).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString()).doesNotContain("\tat ").contains("kafka.ssl");
    }

    @Test
    void operatorWithoutTheRightIsToldWhichCommandPrintsIt() throws Exception {
        assertThat(run("other", settings("scram"), "topics", "create")).isEqualTo(ExitCode.FAILED);

        assertThat(out.toString()).contains("sluice acls").doesNotContain("\tat ");
    }

    private static Map<String, Object> settings(String login) {
        return switch (login) {
            case "scram" -> kafka.scram("scram");
            case "plain" -> kafka.plain("plain");
            case "oauth" -> kafka.oauth("oauth");
            default -> kafka.certificate();
        };
    }

    /** Runs a command with a configuration of its own; returns its exit code. */
    private int run(String prefix, Map<String, Object> client, String... command)
            throws IOException {
        Path config = folder.resolve("sluice.yaml");
        Files.writeString(
                config,
                """
                schema-registry: {schema.registry.url: "%s"}
                topics: {prefix: %s., partitions: 1, replicas: 1}
                kafka:
                %s
                """
                        .formatted(
                                registry.url(),
                                prefix,
                                client.entrySet().stream()
                                        .map(setting ->
                                                "  %s: '%s'"
                                                        .formatted(
                                                                setting.getKey(),
                                                                setting.getValue()))
                                        .collect(Collectors.joining("\n"))));
        PrintWriter writer = new PrintWriter(out);
        String[] arguments = new String[command.length + 2];
        System.arraycopy(command, 0, arguments, 0, command.length);
        arguments[command.length] = "--config";
        arguments[command.length + 1] = config.toString();
        return SluiceCommand.commandLine(Optional.empty())
                .setOut(writer)
                .setErr(writer)
                .execute(arguments);
    }
}
