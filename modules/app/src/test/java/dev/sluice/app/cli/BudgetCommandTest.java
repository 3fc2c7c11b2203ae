package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BudgetCommandTest {
    @TempDir private Path folder;

    private final StringWriter err = new StringWriter();

    @Test
    void additionToAPastDayIsRejected() throws IOException {
        assertThat(add("2020-01-01")).isNotZero();
        assertThat(err.toString()).contains("--day 2020-01-01 is over");
    }

    @Test
    void additionToADayFarAheadIsRejected() throws IOException {
        LocalDate last =
                LocalDate.ofInstant(InstantSource.system().instant(), ZoneOffset.UTC).plusDays(366);
        assertThat(add("2999-01-01")).isNotZero();
        assertThat(err.toString())
                .contains("--day 2999-01-01 is too far ahead", "the last day to add to is " + last);
    }

    @Test
    void userIdThatNoRequestCanHaveIsRejected() throws IOException {
        for (String user : List.of(" ", "a".repeat(257), "ann\t")) {
            err.getBuffer().setLength(0);
            assertThat(budget("show", user)).isNotZero();
            assertThat(err.toString().lines()).singleElement().asString().startsWith("USER ");
        }
    }

    private int add(String day) throws IOException {
        return budget("add", "ann", "5", "--day", day);
    }

    private int budget(String... arguments) throws IOException {
        Path config = folder.resolve("sluice.yaml");
        Files.writeString(
                config,
                """
                kafka:
                  bootstrap.servers: 127.0.0.1:1
                schema-registry:
                  schema.registry.url: http://127.0.0.1:1
                """);
        CommandLine commandLine = SluiceCommand.commandLine(Optional.empty());
        commandLine.setErr(new PrintWriter(err, true));
        List<String> all = new ArrayList<>(List.of("budget"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--config", config.toString()));
        return commandLine.execute(all.toArray(String[]::new));
    }
}
