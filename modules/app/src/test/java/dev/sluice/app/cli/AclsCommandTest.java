package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.cli.common.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AclsCommandTest {
    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void publisherMayWriteRequestsAndSeeHowFarAdmissionHasRead() throws Exception {
        assertThat(acls("publisher", "--principal", "User:shop")).isZero();

        String start =
                "kafka-acls.sh --bootstrap-server broker:9092 --add --allow-principal User:shop ";
        assertThat(out.toString().lines())
                .containsExactly(
                        start + "--operation WRITE --topic llm.requests.v1",
                        start + "--operation DESCRIBE --group llm.admission");
    }

    @Test
    void rightsOfOneResourceAreOneCommand() throws Exception {
        assertThat(acls("worker", "--principal", "User:w", "--owns", "llm.sluice-worker-"))
                .isZero();

        assertThat(out.toString().lines())
                .anyMatch(line ->
                        line.endsWith(
                                "--operation READ --operation WRITE --operation DELETE --topic"
                                        + " llm.internal.attempts. --resource-pattern-type"
                                        + " prefixed"))
                .anyMatch(line ->
                        line.endsWith(
                                "--transactional-id llm.sluice-worker- --resource-pattern-type"
                                        + " prefixed"))
                .anyMatch(line -> line.endsWith("--operation READ --group llm.worker"));
    }

    @Test
    void principalIsQuotedForTheShell() throws Exception {
        assertThat(acls("publisher", "--principal", "User:CN=it's, O=x")).isZero();

        assertThat(out.toString()).contains("--allow-principal 'User:CN=it'\\''s, O=x' ");
    }

    @Test
    void whatARoleNeedsIsSaid() throws Exception {
        assertThat(acls("worker", "--principal", "User:w")).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("--owns", "worker.slot");

        assertThat(acls("nobody", "--principal", "User:w")).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("ADMISSION", "READER");
    }

    private int acls(String... arguments) throws Exception {
        Path config = folder.resolve("sluice.yaml");
        Files.writeString(
                config,
                """
                kafka: {bootstrap.servers: "broker:9092"}
                schema-registry: {schema.registry.url: "http://registry:8081"}
                topics: {prefix: llm.}
                """);
        List<String> all = new ArrayList<>(List.of("acls", "--config", config.toString()));
        all.addAll(List.of(arguments));
        CommandLine command = SluiceCommand.commandLine(Optional.empty());
        return command.setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }
}
