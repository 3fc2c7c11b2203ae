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
import picocli.CommandLine;

class AnalysesCommandTest {
    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void folderOfTheConfigurationIsChecked() throws IOException {
        Files.createDirectories(folder.resolve("own/broken"));
        Files.writeString(folder.resolve("own/broken/analysis.yaml"), "name: broken\n");
        Path config =
                Files.writeString(
                        folder.resolve("sluice.yaml"), "analyses.dir: " + folder.resolve("own"));

        int code = run("analyses", "check", "-c", config.toString());

        assertThat(code).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("broken/analysis.yaml");
    }

    @Test
    void listMarksAnalysesThatAreNotEnabled() throws IOException {
        Path config =
                Files.writeString(
                        folder.resolve("sluice.yaml"), "analyses.enabled: [support-ticket]");

        assertThat(run("analyses", "list", "-c", config.toString())).isZero();
        assertThat(out.toString().lines())
                .anySatisfy(line -> assertThat(line).startsWith("support-ticket").endsWith("mini"))
                .anySatisfy(
                        line -> assertThat(line).startsWith("seo ").endsWith("  (not enabled)"));
    }

    @Test
    void unknownFormatAndSchemaWithoutAvroFormAreReportedWithTheirPlace() throws IOException {
        String config = withField("'type': 'string', 'maxLength': 9, 'format': 'e-mail'");
        assertThat(run("analyses", "check", "-c", config)).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString())
                .contains("own/output.schema.json /properties/a/format: is not a format");

        config = withField("'type': ['string', 'boolean'], 'maxLength': 9");
        for (String command : new String[] {"analyses check", "run"}) {
            err.getBuffer().setLength(0);
            String[] arguments = (command + " -c " + config).split(" ", -1);

            assertThat(run(arguments)).as(command).isEqualTo(ExitCode.MISUSED);
            assertThat(err.toString().lines())
                    .as(command)
                    .singleElement()
                    .asString()
                    .startsWith("own/output.schema.json /properties/a: has several types, which");
        }
    }

    private String withField(String field) throws IOException {
        Path own = Files.createDirectories(folder.resolve("analyses/own"));
        Files.writeString(
                own.resolve("analysis.yaml"),
                """
                name: own
                role: You read.
                task: Read.
                constraints: [Be brief.]
                on_insufficient_input: Say so.
                model: gpt-4.1-mini
                input: {kind: text, max_characters: 100, max_bytes: 1000}
                output: {max_tokens: 50}
                """);
        Files.writeString(
                own.resolve("output.schema.json"),
                ("{'type': 'object', 'additionalProperties': false, 'required': ['a'],"
                                + " 'properties': {'a': {'description': 'd', "
                                + field
                                + "}}}")
                        .replace('\'', '"'));
        return Files.writeString(
                        folder.resolve("sluice.yaml"),
                        "analyses.dir: "
                                + own.getParent()
                                + "\nkafka.bootstrap.servers: localhost:1\n"
                                + "schema-registry.schema.registry.url: http://localhost:1\n")
                .toString();
    }

    @Test
    void notesAreShownWithTheOption() {
        assertThat(run("analyses", "check")).isZero();
        assertThat(out.toString().lines()).containsExactly("3 analyses, no problems");

        assertThat(run("analyses", "check", "--notes")).isZero();
        assertThat(out.toString()).contains("seo: openai");
    }

    private int run(String... arguments) {
        CommandLine commandLine = SluiceCommand.commandLine(Optional.empty());
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
