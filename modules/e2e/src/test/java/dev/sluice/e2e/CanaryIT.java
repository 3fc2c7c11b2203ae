package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.canary.TrialCounts;
import dev.sluice.admission.canary.TrialState;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.Canary;
import dev.sluice.app.canary.TrialReader;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two versions of an analysis at once. */
class CanaryIT {
    private static final int PERCENT = 40;
    private static final String WEAK = "Be brief.";
    private static final AnalysisCatalog SHIPPED = AnalysisCatalog.load(Optional.empty());
    private static final AnalysisDefinition CURRENT = SHIPPED.find("seo").orElseThrow();

    @TempDir private Path folder;
    private Path next = Path.of("");
    private AnalysisDefinition canary = CURRENT;
    private int published;

    /** Another version, beside the current one. */
    @BeforeEach
    void writeCanary() throws IOException {
        next = Files.createDirectories(folder.resolve("next"));
        Path current = Path.of("../../analyses/seo");
        Files.copy(current.resolve("output.schema.json"), next.resolve("output.schema.json"));
        Files.writeString(
                next.resolve("analysis.yaml"),
                Files.readString(current.resolve("analysis.yaml"))
                        .replace("constraints:\n", "constraints:\n  - " + WEAK + "\n"));
        canary = Canary.read(next, "seo");
    }

    @Test
    void weakCanaryStopsByItselfAndNothingIsLost() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder, catalog())) {
            pipeline.simulator.faultsWhere(WEAK, FaultRates.parse("out-of-range=0.9"));
            Service service = pipeline.start(EnumSet.allOf(Role.class));
            await().atMost(PATIENCE)
                    .until(() -> {
                        publish(pipeline, 20);
                        pipeline.committed.awaitOutcomes(published, PATIENCE);
                        return metric(service, "stopped") == 1;
                    });
            Set<String> beforeStop = versions(pipeline.committed.outcomes()).keySet();
            int stoppedAt = published;
            publish(pipeline, 50);
            List<Read> all = pipeline.committed.awaitOutcomes(published, PATIENCE);

            assertThat(beforeStop)
                    .containsExactlyInAnyOrder(CURRENT.fingerprint(), canary.fingerprint());
            assertThat(all).hasSize(published);
            assertThat(all.stream().map(Read::key).distinct()).hasSize(published);
            List<Read> afterStop =
                    all.stream().filter(read -> number(read.key()) >= stoppedAt).toList();
            assertThat(versions(afterStop)).containsOnlyKeys(CURRENT.fingerprint());
            assertThat(PipelineIT.spend(all)).isEqualByComparingTo(pipeline.simulator.billedUsd());
            TrialCounts counts = counts(pipeline);
            assertThat(counts.state()).isEqualTo(TrialState.STOPPED);
            assertThat(counts.current().notFirst()).isZero();
            // It may stop in the middle of a batch; the rest of it does not count any more.
            assertThat(counts.current().ended() + counts.canary().ended())
                    .isPositive()
                    .isLessThanOrEqualTo(stoppedAt);
            assertThat(shown(pipeline))
                    .contains("seo: stopped; 40 % of the requests got the canary")
                    .contains(CURRENT.fingerprint(), canary.fingerprint())
                    .contains("Stopped: the canary fails more often");
        }
    }

    @Test
    void eachRequestCountsOnceThoughTheProcessIsKilled() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder, catalog())) {
            pipeline.furtherConfig = canaryConfig();
            try (JavaProcess killed = pipeline.startProcess("one", "admission,worker", Map.of())) {
                publish(pipeline, 100);
                pipeline.committed.awaitOutcomes(30, PATIENCE);
                killed.kill();
            }
            try (JavaProcess next = pipeline.startProcess("one", "admission,worker", Map.of())) {
                publish(pipeline, 50);
                List<Read> all = pipeline.committed.awaitOutcomes(published, PATIENCE);
                await().atMost(PATIENCE)
                        .untilAsserted(() -> {
                            TrialCounts counts = counts(pipeline);
                            assertThat(counts.current().ended() + counts.canary().ended())
                                    .as(next.log())
                                    .isEqualTo(published);
                        });

                Map<String, Long> versions = versions(all);
                TrialCounts counts = counts(pipeline);
                assertThat(counts.current().ended()).isEqualTo(versions.get(CURRENT.fingerprint()));
                assertThat(counts.canary().ended()).isEqualTo(versions.get(canary.fingerprint()));
                assertThat(counts.state()).isEqualTo(TrialState.RUNNING);
                assertThat(shown(pipeline)).contains("Running: neither version");
            }
        }
    }

    @Test
    void anotherVersionIsJudgedOnRequestsOfProductionBeforeItIsACanary() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            publish(pipeline, 30);
            pipeline.committed.awaitOutcomes(published, PATIENCE);
            pipeline.simulator.faultsWhere(WEAK, FaultRates.parse("out-of-range=0.9"));
            BigDecimal before = pipeline.simulator.billedUsd();
            Path config = Commands.config(pipeline, folder);
            Files.writeString(
                    config,
                    """
                    models:
                      gpt-4.1-mini:
                        deployments:
                          - base-url: %s
                            api-key: k
                            requests-per-minute: 600000
                    """
                            .formatted(pipeline.simulator.baseUrl()),
                    StandardOpenOption.APPEND);

            Commands.Ran ran =
                    Commands.run(
                            "eval",
                            "seo",
                            "--live",
                            "--from-topic",
                            "--sample",
                            "20",
                            "--dir",
                            next.toString(),
                            "--runs",
                            folder.resolve("runs").toString(),
                            "--json",
                            "--config",
                            config.toString());

            assertThat(ran.exitCode()).as(ran.err()).isZero();
            assertThat(ran.err()).containsPattern("20 runs cost at most 0\\.\\d+ USD if each");
            JsonNode report = JsonMapper.shared().readTree(ran.out());
            JsonNode production = report.path("targets").path(0);
            JsonNode other = report.path("targets").path(1);
            assertThat(production.path("model").asString()).isEqualTo("in production");
            assertThat(production.path("cases")).hasSize(20);
            assertThat(other.path("cases")).hasSize(20);
            assertThat(other.path("fingerprint").asString()).isEqualTo(canary.fingerprint());
            assertThat(report.path("comparisons").path(0).path("verdict").asString())
                    .isEqualTo("worse");
            assertThat(new BigDecimal(other.path("costUsd").asString()))
                    .isEqualByComparingTo(pipeline.simulator.billedUsd().subtract(before));
            assertThat(pipeline.committed.outcomes()).hasSize(published);
        }
    }

    private AnalysisCatalog catalog() {
        return SHIPPED.with(Map.of("seo", new Canary(canary, PERCENT, Canary.Unit.REQUEST)));
    }

    private String canaryConfig() {
        return """
        analyses:
          canaries:
            seo:
              dir: %s
              percent: %d
        """
                .formatted(next, PERCENT);
    }

    private void publish(Pipeline pipeline, int requests) {
        for (int i = 0; i < requests; i++) {
            pipeline.publish(Pipeline.request("r" + published, Pipeline.page(published)));
            published++;
        }
    }

    private static int number(String requestId) {
        return Integer.parseInt(requestId.substring(1));
    }

    private static Map<String, Long> versions(List<Read> outcomes) {
        return outcomes.stream()
                .collect(
                        Collectors.groupingBy(
                                read -> read.text("analysisVersion"), Collectors.counting()));
    }

    private static TrialCounts counts(Pipeline pipeline) {
        Map<String, TrialCounts> counts = TrialReader.read(pipeline.connection);
        return counts.isEmpty() ? TrialCounts.NONE : counts.values().iterator().next();
    }

    private String shown(Pipeline pipeline) throws IOException {
        Path config = Commands.config(pipeline, folder);
        Files.writeString(config, canaryConfig(), StandardOpenOption.APPEND);
        Commands.Ran ran = Commands.run("canary", "show", "seo", "--config", config.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return ran.out();
    }

    private static double metric(Service service, String state)
            throws IOException, InterruptedException {
        URI metrics = service.httpAddress().resolve("/metrics");
        String text =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(metrics).build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
        return text.lines()
                .filter(line -> line.startsWith("sluice_canary_state{"))
                .filter(line -> line.contains("state=\"" + state + '"'))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }
}
