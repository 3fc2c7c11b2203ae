package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.Main;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Evals of the shipped seo analysis against a provider, which is the simulator. */
class EvalIT {
    private static final int CASES = 16;
    private static final int REPEATS = 3;
    private static final int RUNS = CASES * REPEATS;
    private static final int PARALLEL = 4;
    private static final Path PICTURES =
            Path.of(System.getProperty("console.pictures", "target/console"));

    @TempDir private Path folder;
    private Simulator simulator;
    private Path config;

    @BeforeEach
    void start() throws IOException {
        simulator =
                Simulator.start(
                        SimulatorSettings.defaults()
                                .withLatency(Duration.ofMillis(50), Duration.ofMillis(100)));
        // Baselines are written beside the cases, which name pages of the examples.
        copy("analyses/seo");
        copy("examples/pages");
        config =
                Files.writeString(
                        folder.resolve("sluice.yaml"),
                        """
                        analyses:
                          dir: %s
                        models:
                          gpt-4.1-mini:
                            deployments:
                              - base-url: %s
                                api-key: k
                                requests-per-minute: 600000
                        """
                                .formatted(folder.resolve("analyses"), simulator.baseUrl()));
    }

    @AfterEach
    void stop() {
        simulator.close();
    }

    private void copy(String what) throws IOException {
        Path from = Path.of("../..", what);
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Path to = folder.resolve(what).resolve(from.relativize(file).toString());
                    if (Files.isDirectory(file)) {
                        Files.createDirectories(to);
                    } else {
                        Files.copy(file, to);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private List<String> eval(String... options) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "eval",
                                "seo",
                                "--live",
                                "--config",
                                config.toString(),
                                "--runs",
                                folder.resolve("runs").toString(),
                                "--parallel",
                                String.valueOf(PARALLEL)));
        all.addAll(List.of(options));
        return all;
    }

    private Commands.Ran run(String... options) {
        return Commands.run(eval(options).toArray(String[]::new));
    }

    @Test
    void killedEvalGoesOnAndPaysEachRunOnce() throws Exception {
        Path log = folder.resolve("eval.log");
        try (JavaProcess process =
                JavaProcess.start(
                        new JavaProcess.Program(Main.class.getName(), eval(), List.of(), Map.of()),
                        log)) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> simulator.chargedRequests() >= RUNS / 2 || !process.isAlive());
            assertThat(process.isAlive()).as(process.log()).isTrue();
            process.kill();
        }
        long before = simulator.chargedRequests();

        Commands.Ran again = run("--json");

        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(again.err()).contains("runs of an eval that was interrupted are used again");
        JsonNode target = JsonMapper.shared().readTree(again.out()).path("targets").path(0);
        assertThat(target.path("cases")).hasSize(CASES);
        long recorded = 0;
        for (JsonNode one : target.path("cases")) {
            assertThat(one.path("runs")).hasSize(REPEATS);
            for (JsonNode made : one.path("runs")) {
                recorded += made.path("calls").asLong();
            }
        }
        assertThat(before).isBetween((long) RUNS / 2, (long) RUNS);
        // What was in flight when it was killed is paid again.
        assertThat(simulator.chargedRequests()).isBetween(recorded, recorded + PARALLEL);
        assertThat(folder.resolve("runs/seo.jsonl")).isEmptyFile();
        assertThat(folder.resolve("runs")).isDirectoryContaining("glob:**seo-*.jsonl");
    }

    @Test
    void weakerAnalysisFailsAgainstItsBaselineAndOneWithinChanceDoesNot() throws Exception {
        assertThat(run("--baseline").err()).contains("there is no baseline of gpt-4.1-mini");
        assertThat(simulator.requests()).isZero();
        Commands.Ran accepted = run("--update-baseline");
        assertThat(accepted.exitCode()).as(accepted.err()).isZero();
        assertThat(folder.resolve("analyses/seo/evals/baseline.json")).exists();

        addConstraint("Prefer short sentences.");
        Commands.Ran same = run("--baseline");
        assertThat(same.exitCode()).as(same.out()).isZero();
        assertThat(same.out()).contains("not worse by more than chance");

        addConstraint("Be brief.");
        simulator.faultsWhere("Be brief.", FaultRates.parse("out-of-range=0.7"));
        Path report = folder.resolve("report");
        Commands.Ran worse = run("--baseline", "--out", report.toString());
        assertThat(worse.exitCode()).as(worse.out()).isEqualTo(ExitCode.WORSE);
        assertThat(worse.out())
                .contains("worse by more than chance")
                .contains("/title_length")
                .containsPattern("hostile +\\d");
        assertThat(Files.readString(report.resolve("junit.xml")))
                .contains("<testsuite name=\"seo gpt-4.1-mini\" tests=\"" + CASES + '"')
                .contains("<failure message=\"passed ");
        look(report.resolve("report.html"));
    }

    /** Another version of the analysis. */
    private void addConstraint(String text) throws IOException {
        Path definition = folder.resolve("analyses/seo/analysis.yaml");
        Files.writeString(
                definition,
                Files.readString(definition)
                        .replace("constraints:\n", "constraints:\n  - " + text + "\n"));
    }

    private void look(Path page) throws Exception {
        try (Browser browser = Browser.start(folder.resolve("profile"))) {
            browser.open(page.toUri(), 1280);
            assertThat(browser.text("main")).contains("is worse than its baseline");
            browser.click("summary.bad");
            for (String scheme : List.of("light", "dark")) {
                browser.scheme(scheme);
                assertThat(browser.inaccessible()).as(scheme).isEmpty();
                browser.picture(PICTURES.resolve("eval-" + scheme + ".webp"));
            }
            browser.width(390);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(browser.tooWide()).isEmpty());
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void moneyIsNeverExceededAndTheRestIsMadeLater() throws Exception {
        Commands.Ran some = run("--max-cost", "0.10");

        assertThat(some.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(some.err()).contains("runs were left out: one can cost up to");
        assertThat(simulator.billedUsd()).isLessThanOrEqualTo(new BigDecimal("0.10"));
        long paid = simulator.chargedRequests();
        assertThat(paid).isPositive();

        // The limit is of the whole eval: the same command does not spend it again.
        assertThat(run("--max-cost", "0.10").exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(simulator.billedUsd()).isLessThanOrEqualTo(new BigDecimal("0.10"));

        Commands.Ran rest = run();

        assertThat(rest.exitCode()).as(rest.err()).isZero();
        assertThat(rest.err()).contains("runs of an eval that was interrupted are used again");
    }

    @Test
    void requestOfProductionBecomesACaseWithoutPersonalData() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            pipeline.publish(
                    Pipeline.request(
                            "Page 7", "<title>Short</title><p>Write to ann@mail.example.</p>"));
            assertThat(pipeline.committed.awaitOutcomes(1, PATIENCE)).hasSize(1);
            Path commands = Commands.config(pipeline, folder);
            Files.writeString(
                    commands,
                    Files.readString(commands) + "analyses:\n  dir: " + folder.resolve("analyses"));

            Commands.Ran ran =
                    Commands.run(
                            "eval",
                            "add-case",
                            "seo",
                            "--request",
                            "Page 7",
                            "--config",
                            commands.toString());

            assertThat(ran.exitCode()).as(ran.err()).isZero();
            Path written = folder.resolve("analyses/seo/evals/production-page-7.yaml");
            assertThat(written)
                    .content()
                    .contains("someone@example.com", "const: Short")
                    .doesNotContain("ann@mail");
            Commands.Ran missing =
                    Commands.run(
                            "eval",
                            "add-case",
                            "seo",
                            "--request",
                            "other",
                            "--config",
                            commands.toString());
            assertThat(missing.exitCode()).isNotZero();
            assertThat(missing.err()).contains("no request other of seo in that time");
        }
    }
}
