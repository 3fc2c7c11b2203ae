package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code sluice results} and {@code sluice calls}. */
class ResultsAndCallsIT {
    private static final int EACH = 6;

    @TempDir private Path folder;

    @Test
    void resultsAreListedShownAndFollowedAndCallsAreTheBill() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            for (String user : List.of("ann", "bob")) {
                for (int i = 0; i < EACH; i++) {
                    pipeline.publish(request(user, "r" + i, "seo", "run-" + user));
                }
            }
            pipeline.publish(request("ann", "lost", "nothing", "run-ann"));
            int all = 2 * EACH + 1;
            assertThat(pipeline.committed.awaitOutcomes(all, PATIENCE)).hasSize(all);

            assertResults(pipeline);
            assertCalls(pipeline);
            assertFollows(pipeline);
        }
    }

    private void assertResults(Pipeline pipeline) throws IOException {
        assertThat(run(pipeline, "results", "--limit", "5").out())
                .contains("These are the newest 5 of %d.".formatted(2 * EACH));
        assertThat(run(pipeline, "results", "--limit", "0").exitCode()).isEqualTo(ExitCode.MISUSED);
        List<JsonNode> results = json(run(pipeline, "results", "--json", "--run", "run-ann").out());
        assertThat(results)
                .hasSize(EACH)
                .allMatch(result -> result.path("userId").asString().equals("ann"));
        Commands.Ran shown = run(pipeline, "results", "--request", "r3", "--user", "bob");
        assertThat(shown.exitCode()).isZero();
        assertThat(JsonMapper.shared().readTree(shown.out()).path("output").path("title_tag"))
                .hasToString("\"Page number 3\"");
        Commands.Ran ambiguous = run(pipeline, "results", "--request", "r3");
        assertThat(ambiguous.exitCode()).isEqualTo(ExitCode.MISUSED);
        assertThat(ambiguous.err()).contains("[ann, bob]; choose one with --user");
        assertThat(run(pipeline, "results", "--request", "none").exitCode())
                .isEqualTo(ExitCode.FAILED);
        Commands.Ran lost = run(pipeline, "results", "--request", "lost");
        assertThat(lost.exitCode()).isEqualTo(ExitCode.DEAD_LETTERS);
        assertThat(lost.err()).contains("UNKNOWN_ANALYSIS; sluice dead-letters show lost");
        assertThat(run(pipeline, "results", "--run", "other").out())
                .contains("no such results since");
    }

    /** The sums are the provider's bill. */
    private void assertCalls(Pipeline pipeline) throws IOException {
        List<JsonNode> sums = json(run(pipeline, "calls", "--by", "user,model", "--json").out());
        assertThat(sums)
                .extracting(sum -> sum.path("user").asString())
                .containsExactlyInAnyOrder("ann", "bob");
        assertThat(sums.stream().mapToLong(sum -> sum.path("calls").asLong()).sum())
                .isEqualTo(pipeline.simulator.chargedRequests());
        assertThat(
                        sums.stream()
                                .map(sum -> new BigDecimal(sum.path("costUsd").asString()))
                                .reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(pipeline.simulator.billedUsd());
        assertThat(run(pipeline, "calls", "--by", "request,user", "--limit", "4").out())
                .contains("These are the 4 most expensive of %d groups".formatted(2 * EACH))
                .containsPattern("all +%d ".formatted(2 * EACH));
        assertThat(run(pipeline, "calls", "--limit", "3").out())
                .contains("These are the newest 3 of %d.".formatted(2 * EACH));
        assertThat(json(run(pipeline, "calls", "--request", "r5", "--json").out())).hasSize(2);
        assertThat(run(pipeline, "calls", "--user", "nobody").out())
                .contains("no such calls since");
    }

    private void assertFollows(Pipeline pipeline) throws Exception {
        Path log = folder.resolve("follow.log");
        try (JavaProcess follower =
                Commands.start(pipeline, folder, log, "results", "--follow", "--user", "bob")) {
            await().atMost(PATIENCE)
                    .until(() -> Files.readString(log).contains("outcomes from now on"));
            pipeline.publish(request("ann", "not-his", "seo", "run-ann"));
            pipeline.publish(request("bob", "new", "seo", "run-bob"));
            pipeline.publish(request("bob", "lost", "nothing", "run-bob"));
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(Files.readString(log))
                                    .containsPattern("new +bob +seo +result ")
                                    .containsPattern("lost +bob +nothing +UNKNOWN_ANALYSIS "));
            assertThat(Files.readString(log)).doesNotContain("not-his");
            assertThat(follower.isAlive()).isTrue();
        }
    }

    private static AnalysisRequest request(String user, String id, String analysis, String runId) {
        int number = Character.digit(id.charAt(id.length() - 1), 10);
        AnalysisRequest request = Pipeline.request(id, Pipeline.page(Math.max(0, number)));
        request.setUserId(user);
        request.setAnalysis(analysis);
        request.setRunId(runId);
        return request;
    }

    private Commands.Ran run(Pipeline pipeline, String... arguments) throws IOException {
        return Commands.run(pipeline, folder, arguments);
    }

    private static List<JsonNode> json(String lines) {
        return lines.lines().map(JsonMapper.shared()::readTree).toList();
    }
}
