package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.Canary;
import dev.sluice.analysis.price.Cost;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.QuotaPolicy;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every query of every dashboard has data while a pipeline works under faults. */
@Execution(ExecutionMode.CONCURRENT)
class LiveDashboardsIT {
    private static final Path BOARDS = Path.of("../../helm/sluice/files/dashboards");

    private static final int REQUESTS = 120;

    @TempDir private Path folder;

    /** A query, with where it stands. */
    private record Query(String place, String text) {}

    /** The shipped analyses, and a second version of one of them. */
    private static AnalysisCatalog withCanary() {
        AnalysisCatalog shipped = AnalysisCatalog.load(Optional.empty());
        AnalysisDefinition current = shipped.find("seo").orElseThrow();
        AnalysisDefinition other =
                new AnalysisDefinition(
                        current.name(),
                        "c0ffeec0ffee",
                        current.instructions(),
                        current.models(),
                        current.input(),
                        current.output());
        return shipped.with(Map.of("seo", new Canary(other, 50, Canary.Unit.REQUEST)));
    }

    @Test
    void everyPanelHasDataWhileAPipelineWorksUnderFaults() throws Exception {
        SimulatorSettings faulty =
                SimulatorSettings.defaults()
                        .withFaults(
                                FaultRates.parse(
                                        "malformed=0.2,throttled=0.05,status-503=0.05,length=0.05"),
                                1)
                        .withLatency(Duration.ofMillis(50), Duration.ofMillis(500))
                        .withQuota(QuotaPolicy.parse("3000000:bucket:60s:settles"));
        try (LivePrometheus prometheus = LivePrometheus.start(folder);
                Pipeline pipeline = new Pipeline(faulty, folder, withCanary())) {
            UserLimits users = UserLimits.of(Budgets.ofEach(1_000_000));
            pipeline.limits =
                    new UserLimits(
                            users.budgets(),
                            new Ceilings(Optional.of(new Cost(new BigDecimal("50"))), Map.of()),
                            users.rates(),
                            users.maxWaiting(),
                            users.maxInteractive());
            Service service = pipeline.start(EnumSet.allOf(Role.class));
            prometheus.scrape(service.httpAddress());
            List<Query> queries = queries();
            List<Query> without = new ArrayList<>(queries);

            for (int round = 0; round < 2; round++) {
                publish(pipeline, round);
                int outcomes = (round + 1) * (2 * REQUESTS + 1);
                assertThat(pipeline.committed.awaitOutcomes(outcomes, PATIENCE)).hasSize(outcomes);
            }
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> {
                        without.removeIf(query -> hasData(prometheus, query));
                        assertThat(without).isEmpty();
                    });
            assertThat(queries).hasSizeGreaterThan(80);
        }
    }

    /** Each content twice, so that half of the results are shared, and one record that is none. */
    private static void publish(Pipeline pipeline, int round) {
        for (int i = 0; i < REQUESTS; i++) {
            for (String copy : List.of("a", "b")) {
                AnalysisRequest request =
                        Pipeline.request(round + copy + i, Pipeline.page(round * REQUESTS + i));
                request.setCache(CacheUse.ALLOW);
                pipeline.publish(request);
            }
        }
        pipeline.publish("none" + round, new byte[] {9, 9, 9});
    }

    private static boolean hasData(LivePrometheus prometheus, Query query) {
        for (JsonNode series : prometheus.query(query.text())) {
            if (!series.path("value").path(1).asString().equals("NaN")) {
                return true;
            }
        }
        return false;
    }

    private static List<Query> queries() throws IOException {
        List<Query> queries = new ArrayList<>();
        try (Stream<Path> boards = Files.list(BOARDS)) {
            for (Path file : boards.toList()) {
                JsonNode board = JsonMapper.shared().readTree(file.toFile());
                for (JsonNode panel : board.path("panels")) {
                    for (JsonNode target : panel.path("targets")) {
                        queries.add(
                                new Query(
                                        board.path("title").asString()
                                                + ", "
                                                + panel.path("title").asString(),
                                        withoutVariables(target.path("expr").asString())));
                    }
                }
            }
        }
        return queries;
    }

    /** As Grafana fills in its variables when everything is selected. */
    private static String withoutVariables(String query) {
        return query.replace("$__rate_interval", "60s")
                .replaceAll("\\$(analysis|model|instance)", ".*");
    }
}
