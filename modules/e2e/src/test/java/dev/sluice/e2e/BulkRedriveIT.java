package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.runtime.outcome.DeadLetterContent;
import dev.sluice.runtime.outcome.DeadLetterContent.Original;
import dev.sluice.runtime.outcome.DeadLetterContent.RawAnswers;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice dead-letters redrive}: each request once more, and not twice. */
class BulkRedriveIT {
    /** Requests that fail at first; {@code -Dredrive.letters=10000} for a storm. */
    private static final int FAILING = Integer.getInteger("redrive.letters", 600);

    private static final int POOR = FAILING / 10;
    private static final int REDRIVEN = FAILING + POOR;
    private static final int FINE = 20;
    private static final FaultRates FAULTS =
            FaultRates.parse("malformed=0.4,length=0.3,refusal=0.3");
    private static final String POOR_USER = "poor";
    private static final Pattern ESTIMATE = Pattern.compile("for an estimated ([0-9.]+) USD");

    @TempDir private Path folder;

    private int commands;

    @Test
    void everyRequestIsRedrivenOnceThoughTheCommandIsKilledTwice() throws Exception {
        try (Pipeline pipeline =
                new Pipeline(SimulatorSettings.defaults().withFaults(FAULTS, 1), folder)) {
            pipeline.limits = limits();
            pipeline.start(EnumSet.allOf(Role.class));
            pipeline.simulator.faults(FaultRates.NONE);
            for (int i = 0; i < FINE; i++) {
                pipeline.publish(Pipeline.request("fine" + i, Pipeline.page(i)));
            }
            assertThat(pipeline.committed.awaitOutcomes(FINE, PATIENCE)).hasSize(FINE);
            pipeline.simulator.faults(FAULTS);
            publish(pipeline);
            int ended = FINE + FAILING + POOR + 2;
            assertThat(pipeline.committed.awaitOutcomes(ended, PATIENCE)).hasSize(ended);
            assertThat(results(pipeline)).hasSize(FINE);
            pipeline.simulator.faults(FaultRates.NONE);
            assertThat(run(pipeline, "budget", "set", POOR_USER, "--daily-usd", "1000")).isZero();
            long callsBefore = pipeline.simulator.chargedRequests();
            BigDecimal billBefore = pipeline.simulator.billedUsd();

            assertThat(run(pipeline, redrive("--dry-run"))).isZero();
            String plan = lastLog();
            assertThat(plan)
                    .contains("%,d requests can be redriven".formatted(REDRIVEN))
                    .contains("INVALID_OUTPUT", "OUTPUT_TRUNCATED", "REFUSED_BY_MODEL")
                    .containsPattern("%,d +BUDGET_EXCEEDED".formatted(POOR))
                    .contains("1  admission would refuse them: UNKNOWN_ANALYSIS")
                    .contains("1  their records are no requests");
            assertThat(pipeline.simulator.chargedRequests()).isEqualTo(callsBefore);

            killInTheMiddle(pipeline, callsBefore + FAILING / 4);
            killInTheMiddle(pipeline, callsBefore + FAILING / 2);
            assertThat(run(pipeline, redrive("--yes"))).isZero();
            assertThat(lastLog()).contains("requests are published again", "have a result");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(results(pipeline)).hasSize(FINE + REDRIVEN));

            assertThat(results(pipeline))
                    .filteredOn(result -> !result.key().startsWith("fine"))
                    .allMatch(result -> result.text("generation").equals("1"))
                    .extracting(Read::key)
                    .doesNotHaveDuplicates();
            assertThat(pipeline.simulator.chargedRequests() - callsBefore)
                    .as("a call for each request")
                    .isEqualTo(REDRIVEN);
            assertThat(pipeline.simulator.billedUsd().subtract(billBefore).doubleValue())
                    .as(plan)
                    .isCloseTo(estimate(plan), within(0.1 * estimate(plan)));
            assertThat(run(pipeline, redrive("--yes"))).isZero();
            assertThat(lastLog())
                    .contains("0 requests can be redriven")
                    .contains("%,d  they have a result meanwhile".formatted(REDRIVEN));
        }
    }

    @Test
    void estimateIsWhatResultsCostBeforeAllFailed() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            for (int i = 0; i < 5; i++) {
                pipeline.publish(request(i));
            }
            assertThat(pipeline.committed.awaitOutcomes(5, PATIENCE)).hasSize(5);
            for (int i = 5; i < 10; i++) {
                AnalysisRequest late = request(i);
                late.setDeadline(Instant.now().minusSeconds(1));
                pipeline.publish(late);
            }
            assertThat(pipeline.committed.awaitOutcomes(10, PATIENCE)).hasSize(10);

            assertThat(run(pipeline, redrive("--dry-run", "--deadline", "1h"))).isZero();

            double cost = pipeline.simulator.billedUsd().doubleValue();
            assertThat(estimate(lastLog())).isCloseTo(cost, within(0.1 * cost));
        }
    }

    @Test
    void requestThatFailsAgainIsLeftOutUnlessItIsAskedFor() throws Exception {
        SimulatorSettings failing =
                SimulatorSettings.defaults().withFaults(FaultRates.parse("refusal=1"), 1);
        try (Pipeline pipeline = new Pipeline(failing, folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            Instant soon = Instant.now().plusSeconds(30);
            for (int i = 0; i < 5; i++) {
                AnalysisRequest request = Pipeline.request("r" + i, Pipeline.page(i));
                request.setDeadline(soon);
                pipeline.publish(request);
            }
            assertThat(pipeline.committed.awaitOutcomes(5, PATIENCE)).hasSize(5);
            await().atMost(PATIENCE).until(() -> Instant.now().isAfter(soon));

            assertThat(run(pipeline, redrive("--dry-run"))).isZero();
            assertThat(lastLog())
                    .contains("5  admission would refuse them: DEADLINE_EXCEEDED")
                    .contains("--deadline 24h gives requests another deadline");
            assertThat(run(pipeline, redrive("--yes", "--max-count", "2", "--deadline", "48h")))
                    .isZero();
            assertThat(lastLog()).contains("3  the limit of count or cost is reached");
            assertThat(pipeline.committed.awaitOutcomes(7, PATIENCE))
                    .hasSize(7)
                    .filteredOn(letter -> letter.text("generation").equals("1"))
                    .hasSize(2)
                    .allMatch(letter -> letter.text("reason").equals("REFUSED_BY_MODEL"));
            assertThat(run(pipeline, redrive("--dry-run", "--deadline", "1h"))).isZero();
            assertThat(lastLog())
                    .contains("3 requests can be redriven")
                    .contains("2  they were redriven before (1x); --max-generation raises");
            assertThat(
                            run(
                                    pipeline,
                                    redrive(
                                            "--dry-run",
                                            "--max-generation",
                                            "2",
                                            "--deadline",
                                            "1h")))
                    .isZero();
            assertThat(lastLog()).contains("5 requests can be redriven");
            assertThat(run(pipeline, redrive("--deadline", "1h"))).isEqualTo(2);
            assertThat(lastLog()).contains("nothing is redriven without --yes");
            assertThat(run(pipeline, redrive("--rate", "fast"))).isEqualTo(2);
            assertThat(lastLog()).contains("'fast' is not a rate; write 50/s");
        }
    }

    @Test
    void recordsAreReadFromTheTopicOfRequestsIfDeadLettersHaveOnlyTheirPlace() throws Exception {
        SimulatorSettings failing =
                SimulatorSettings.defaults().withFaults(FaultRates.parse("out-of-range=1"), 1);
        try (Pipeline pipeline = new Pipeline(failing, folder)) {
            pipeline.deadLetters = new DeadLetterContent(RawAnswers.HASH, Original.REFERENCE);
            pipeline.start(EnumSet.allOf(Role.class));
            for (int i = 0; i < 5; i++) {
                pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
            }
            pipeline.publish("none", new byte[] {9, 9, 9});
            assertThat(pipeline.committed.awaitOutcomes(6, PATIENCE))
                    .hasSize(6)
                    .noneMatch(letter -> letter.text("original").contains("<html"))
                    .filteredOn(letter -> letter.text("reason").equals("INVALID_OUTPUT"))
                    .hasSize(5)
                    .allMatch(letter -> letter.text("rawAnswers").startsWith("[sha256:"))
                    .noneMatch(letter -> letter.text("violations").contains("1000000007"));
            assertThat(run(pipeline, "dead-letters", "show", "r3")).isZero();
            assertThat(lastLog())
                    .contains("requests.v1, partition")
                    .contains("of which the dead letter has only the place");
            pipeline.simulator.faults(FaultRates.NONE);

            assertThat(run(pipeline, redrive("--rejudge", "--yes"))).isZero();
            assertThat(lastLog()).contains("5  they have no invalid answer to judge again");
            assertThat(run(pipeline, redrive("--yes"))).isZero();
            assertThat(lastLog()).contains("5 requests are published again");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(results(pipeline)).hasSize(5));
        }
    }

    private static UserLimits limits() {
        return new UserLimits(
                new Budgets(
                        new Cost(new BigDecimal("1000000")),
                        Map.of(POOR_USER, Cost.ZERO),
                        ZoneOffset.UTC),
                Ceilings.NONE,
                Rates.ofEach(1_000_000),
                1_000_000,
                1_000_000);
    }

    private static void publish(Pipeline pipeline) {
        for (int i = 0; i < FAILING + POOR; i++) {
            pipeline.publish(request(i));
        }
        AnalysisRequest unknown = Pipeline.request("unknown", Pipeline.page(0));
        unknown.setAnalysis("nothing");
        pipeline.publish(unknown);
        pipeline.publish("none", new byte[] {9, 9, 9});
    }

    private static AnalysisRequest request(int number) {
        AnalysisRequest request = Pipeline.request("r" + number, Pipeline.page(number));
        request.setUserId(number < FAILING ? "user" + number % 7 : POOR_USER);
        return request;
    }

    private void killInTheMiddle(Pipeline pipeline, long calls) throws Exception {
        try (JavaProcess command =
                start(pipeline, redrive("--yes", "--rate", FAILING / 10 + "/s"))) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() ->
                            pipeline.simulator.chargedRequests() >= calls || !command.isAlive());
            assertThat(command.isAlive()).as(command.log()).isTrue();
            command.kill();
        }
    }

    private static List<Read> results(Pipeline pipeline) {
        return pipeline.committed.outcomes().stream().filter(Read::isResult).toList();
    }

    private static double estimate(String plan) {
        Matcher found = ESTIMATE.matcher(plan);
        assertThat(found.find()).as(plan).isTrue();
        return Double.parseDouble(found.group(1));
    }

    private static String[] redrive(String... options) {
        List<String> all = new ArrayList<>(List.of("dead-letters", "redrive"));
        all.addAll(List.of(options));
        return all.toArray(String[]::new);
    }

    private int run(Pipeline pipeline, String... arguments) throws Exception {
        try (JavaProcess command = start(pipeline, arguments)) {
            return command.await();
        }
    }

    private JavaProcess start(Pipeline pipeline, String... arguments) throws IOException {
        return Commands.start(pipeline, folder, log(), arguments);
    }

    private Path log() {
        commands++;
        return folder.resolve("command-" + commands + ".log");
    }

    private String lastLog() throws IOException {
        return Files.readAllLines(folder.resolve("command-" + commands + ".log")).stream()
                .collect(Collectors.joining("\n"));
    }
}
