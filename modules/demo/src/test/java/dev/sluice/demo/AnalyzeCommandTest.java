package dev.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.cli.SluiceCommand;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The command {@code sluice analyze} as a user runs it, with the simulator instead of a provider.
 */
class AnalyzeCommandTest {
    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path page = Path.of("");

    @BeforeEach
    void writePage() throws IOException {
        page = folder.resolve("page.html");
        Files.writeString(page, "<title>A title</title><h1>Hello</h1><p>Some text.</p>");
    }

    @Test
    void validOutputIsShownWithItsCallsAndCost() {
        assertThat(run("analyze", "seo", page.toString(), "--json")).as(err.toString()).isZero();

        JsonNode report = report();
        assertThat(report.path("outcome").asString()).isEqualTo("result");
        assertThat(report.path("reason").isNull()).isTrue();
        assertThat(report.path("output").path("title_tag").asString()).isEqualTo("A title");
        assertThat(report.path("violations")).isEmpty();
        JsonNode call = report.path("calls").path(0);
        assertThat(call.path("finishReason").asString()).isEqualTo("STOP");
        assertThat(call.path("tokens").path("input").asLong()).isPositive();
        assertThat(call.path("tokens").has("cacheWrite")).isTrue();
        assertThat(report.path("costUsd").isNumber()).isTrue();
        assertThat(out.toString()).containsPattern("\"costUsd\":0\\.0\\d+[,}]");
        assertThat(report.path("costUsd").decimalValue())
                .isPositive()
                .isEqualByComparingTo(call.path("costUsd").decimalValue());
    }

    @Test
    void standardInputIsAFileToo() {
        InputStream before = System.in;
        System.setIn(
                new ByteArrayInputStream(
                        "The invoice of May is wrong.".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(run("analyze", "support-ticket", "-", "--json")).isZero();
        } finally {
            System.setIn(before);
        }
        assertThat(report().path("output").path("routing").has("team")).isTrue();
    }

    @Test
    void anotherModelCanBeAskedAndThePromptShown() {
        int code =
                run(
                        "analyze",
                        "seo",
                        page.toString(),
                        "--model",
                        "claude-haiku-4-5",
                        "--show-prompt",
                        "--json");

        assertThat(code).isZero();
        JsonNode report = report();
        assertThat(report.path("calls").path(0).path("provider").asString()).isEqualTo("anthropic");
        assertThat(report.path("prompt").path(0).path("role").asString()).isEqualTo("system");
        assertThat(report.path("prompt").path(1).path("text").asString()).contains("A title");
    }

    @Test
    void deadLetterHasItsOwnExitCode() throws IOException {
        SimulatorSettings faulty =
                SimulatorSettings.defaults().withFaults(FaultRates.parse("malformed=1"), 1);
        try (Simulator simulator = Simulator.start(faulty)) {
            int code =
                    run(
                            "analyze",
                            "seo",
                            page.toString(),
                            "--live",
                            "--json",
                            "-c",
                            live(simulator));

            assertThat(code).as(err.toString()).isEqualTo(ExitCode.DEAD_LETTERS);
            JsonNode report = report();
            assertThat(report.path("outcome").asString()).isEqualTo("deadLetter");
            assertThat(report.path("reason").asString()).isEqualTo("INVALID_OUTPUT");
            assertThat(report.path("violations").path(0).has("message")).isTrue();
            assertThat(report.path("answers")).hasSize(2);
            assertThat(report.path("calls")).hasSize(2);
            assertThat(report.path("costUsd").decimalValue())
                    .isEqualByComparingTo(simulator.billedUsd());
        }
    }

    @Test
    void textOutputHasASummary() {
        assertThat(run("analyze", "seo", page.toString())).isZero();

        assertThat(out.toString()).contains("page.html: valid, 1 call, ").contains("title_tag");
    }

    @Test
    void mistakesAreReportedWithTheFix() throws IOException {
        assertThat(run("analyze", "seo", "nowhere.html")).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("there is no file nowhere.html");

        assertThat(run("analyze", "sea", page.toString())).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("there is no analysis sea; did you mean seo?");
        assertThat(run("analyze", "unheard-of", page.toString())).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("see sluice analyses list");

        assertThat(run("analyze", "seo", page.toString(), "--model", "made-up"))
                .isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("no price of made-up").contains("prices.file");

        assertThat(run("analyze", "seo")).isEqualTo(ExitCode.MISUSED);
    }

    @Test
    void problemThatOnlyTheUserCanFixIsReportedAtOnce() throws IOException {
        Files.writeString(
                folder.resolve("own.yaml"),
                """
                prices:
                  - {model: not-there, provider: openai, from: 2026-01-01, input: 1, output: 1, source: s}
                """);
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            Path config = folder.resolve("sluice.yaml");
            Files.writeString(
                    config,
                    """
                    prices:
                      file: %s
                    models:
                      not-there:
                        deployments:
                          - base-url: %s
                            api-key: k
                    """
                            .formatted(folder.resolve("own.yaml"), simulator.baseUrl()));

            int code =
                    run(
                            "analyze",
                            "seo",
                            page.toString(),
                            "--live",
                            "--model",
                            "not-there",
                            "-c",
                            config.toString());

            assertThat(code).isEqualTo(ExitCode.MISUSED);
            assertThat(err.toString())
                    .contains("the model cannot be called")
                    .contains("HTTP 404 model_not_found");
        }
    }

    private String live(Simulator simulator) throws IOException {
        Path config = folder.resolve("sluice.yaml");
        Files.writeString(
                config,
                """
                models:
                  gpt-4.1-mini:
                    deployments:
                      - base-url: %s
                        api-key: k
                """
                        .formatted(simulator.baseUrl()));
        return config.toString();
    }

    private JsonNode report() {
        return JsonMapper.shared().readTree(out.toString());
    }

    private int run(String... arguments) {
        CommandLine commandLine = SluiceCommand.commandLine(Optional.of(new SimulatedProvider()));
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
