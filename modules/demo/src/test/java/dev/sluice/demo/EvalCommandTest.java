package dev.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.cli.SluiceCommand;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command {@code sluice eval} as a user runs it, with the simulator instead of a provider. */
class EvalCommandTest {
    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path cases = Path.of("");

    @BeforeEach
    void writeCases() throws IOException {
        Path seo = Files.createDirectories(folder.resolve("analyses/seo"));
        for (String file : List.of("analysis.yaml", "output.schema.json")) {
            Files.copy(Path.of("../../analyses/seo", file), seo.resolve(file));
        }
        cases = Files.createDirectories(seo.resolve("evals"));
        write("right", "Right");
        write("wrong", "Something else");
        Files.writeString(
                folder.resolve("sluice.yaml"), "analyses:\n  dir: " + folder.resolve("analyses"));
    }

    private void write(String id, String expected) throws IOException {
        Files.writeString(
                cases.resolve(id + ".yaml"),
                """
                description: d
                tags: [%s]
                content: <title>Right</title><h1>Right</h1><p>Some text.</p>
                expect: {output: {properties: {title_tag: {const: %s}}}}
                """
                        .formatted(id, expected));
    }

    @Test
    void resultIsToldWithItsUncertaintyAndTheDifferenceOfEachCase() {
        assertThat(run("--repeat", "2")).as(err.toString()).isZero();

        assertThat(err.toString())
                .contains("2 cases, 2 times, gpt-4.1-mini (simulator)")
                .containsPattern("4 runs cost at most 0\\.\\d+ USD if each needs one call");
        assertThat(out.toString())
                .containsPattern("gpt-4.1-mini \\(simulator\\) +50.0 % +\\d+ – \\d+ %")
                .containsPattern("right +1 +100.0 %")
                .contains("  wrong: 0 of 2")
                .contains("/title_tag: must be the constant value 'Something else'");
        assertThat(folder.resolve("runs")).isDirectoryContaining("glob:**seo.simulator-*.jsonl");
    }

    @Test
    void modelsAreComparedInJson() {
        assertThat(run("--json", "--model", "gpt-4.1-mini", "--model", "gpt-4o-mini"))
                .as(err.toString())
                .isZero();

        JsonNode report = JsonMapper.shared().readTree(out.toString());
        assertThat(report.path("targets")).hasSize(2);
        assertThat(report.path("comparisons").path(0).path("verdict").asString())
                .isEqualTo("cannot_tell");
    }

    @Test
    void casesAreChosenByTheirIds() {
        assertThat(run("--cases", "ri*", "--repeat", "1")).isZero();
        assertThat(out.toString()).contains("100.0 %").doesNotContain("wrong");
        assertThat(run("--cases", "nothing")).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("no case has such an id: nothing");
    }

    @Test
    void recordedEvalIsReplayedWithoutAProviderAndAlwaysTheSame() throws IOException {
        Path recordings = folder.resolve("recordings");
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            Files.writeString(
                    folder.resolve("sluice.yaml"),
                    """
                    analyses:
                      dir: %s
                    models:
                      gpt-4.1-mini:
                        deployments: [{base-url: %s, api-key: a-key-of-the-test}]
                    """
                            .formatted(folder.resolve("analyses"), simulator.baseUrl()));
            assertThat(run("--live", "--record", recordings.toString()))
                    .as(err.toString())
                    .isZero();
            assertThat(run("--live", "--record", recordings.toString())).isNotZero();
            assertThat(err.toString()).contains("has recordings already");
        }
        String live = out.toString();

        assertThat(replay(recordings)).as(err.toString()).isZero();
        String first = out.toString();
        assertThat(replay(recordings)).isZero();

        assertThat(out.toString()).isEqualTo(first);
        JsonNode target = JsonMapper.shared().readTree(first).path("targets").path(0);
        assertThat(target.path("passRate").path("rate").asDouble()).isEqualTo(0.5);
        assertThat(live).containsPattern("gpt-4.1-mini +50.0 %");

        assertThat(replay(recordings, "--repeat", "4")).isNotZero();
        assertThat(err.toString()).contains("recorded 6 times, and asked once more");
        write("new", "Right");
        Files.writeString(
                cases.resolve("new.yaml"),
                Files.readString(cases.resolve("new.yaml")).replace("Some text", "Other text"));
        assertThat(replay(recordings)).isNotZero();
        assertThat(err.toString())
                .contains("3 requests were not recorded")
                .contains("asked '…Other text");
    }

    private int replay(Path recordings, String... options) {
        out.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of("--replay", recordings.toString(), "--json"));
        all.addAll(List.of(options));
        return run(all.toArray(String[]::new));
    }

    @Test
    void mistakesAreNamedWithTheirFix() throws IOException {
        assertThat(run("--repeat", "0")).isEqualTo(ExitCode.MISUSED);
        assertThat(run("--update-baseline", "--cases", "r*")).isEqualTo(ExitCode.MISUSED);
        assertThat(run("--model", "a", "--model", "a")).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString())
                .contains("--repeat must be from 1 to 1000")
                .contains("--update-baseline needs all cases")
                .contains("--model names a model twice");

        write("broken", "[");
        assertThat(run()).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("seo/evals/broken.yaml");
    }

    @Test
    void analysisWithoutCasesSaysWhereTheyGo() throws IOException {
        Files.delete(cases.resolve("right.yaml"));
        Files.delete(cases.resolve("wrong.yaml"));
        assertThat(run()).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains(cases + " has no cases");
        Files.delete(cases);
        assertThat(run()).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("write them into " + cases);
    }

    private int run(String... options) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "eval",
                                "seo",
                                "--config",
                                folder.resolve("sluice.yaml").toString(),
                                "--runs",
                                folder.resolve("runs").toString()));
        all.addAll(List.of(options));
        return SluiceCommand.commandLine(Optional.of(new SimulatedProvider()))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }
}
