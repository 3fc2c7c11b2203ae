package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.KafkaTrouble;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class UnreachableBrokersTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"spend", "topics create", "budget show ann", "results", "calls"})
    void unreachableBrokersAreReportedInOneMessage(String command) throws IOException {
        Path config = folder.resolve("sluice.yaml");
        Files.writeString(
                config,
                """
                kafka:
                  bootstrap.servers: 127.0.0.1:1
                  default.api.timeout.ms: 1000
                  request.timeout.ms: 500
                schema-registry.schema.registry.url: http://127.0.0.1:1
                """);
        StringWriter err = new StringWriter();
        CommandLine commandLine = SluiceCommand.commandLine(Optional.empty());
        commandLine.setErr(new PrintWriter(err, true));

        int code =
                commandLine.execute(
                        Stream.concat(
                                        Stream.of(command.split(" ")),
                                        Stream.of("-c", config.toString()))
                                .toArray(String[]::new));

        assertThat(code).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString())
                .startsWith(
                        "no answer in time from the brokers at 127.0.0.1:1"
                                + " (kafka.bootstrap.servers)");
    }

    @Test
    void errorsOfTheBrokersAreReportedWithTheFix() {
        assertThat(words(new InvalidReplicationFactorException("3 > 1")))
                .contains("topics.replicas", "set it to 1");
        assertThat(words(new UnknownTopicOrPartitionException())).contains("sluice topics create");
        assertThat(KafkaTrouble.words(new IllegalStateException("bug"))).isEmpty();
    }

    @Test
    void invalidSettingIsNamedAndItsValueIsNot() {
        assertThat(words(new ConfigException("ssl.protocol", "hunter2", "must be TLS")))
                .contains("ssl.protocol: must be TLS")
                .doesNotContain("hunter2");
        assertThat(
                        words(
                                new ConfigException(
                                        "not supported by this Avro serde: bearer.auth.token")))
                .contains("bearer.auth.token");
        assertThat(
                        words(
                                new KafkaException(
                                        "Failed to create new KafkaAdminClient",
                                        new IllegalArgumentException("no value for 'hunter2'"))))
                .contains("kafka.sasl.jaas.config")
                .doesNotContain("hunter2");
    }

    private static String words(KafkaException failure) {
        return KafkaTrouble.words(new IllegalStateException(failure)).orElse("");
    }
}
