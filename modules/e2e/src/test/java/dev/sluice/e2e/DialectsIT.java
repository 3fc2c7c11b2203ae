package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.ServerDialect;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guarantee 4 with the dialects of real providers: whole batches through each of them. */
class DialectsIT {
    /** Faults that are temporary or that are valid answers; a fortieth of the calls gets each. */
    private static final List<String> FORMS =
            List.of(
                    "throttled-no-retry-after",
                    "retry-after-2.5",
                    "retry-after-rfc850",
                    "retry-delay",
                    "reset-1m0.5s",
                    "status-424",
                    "status-498",
                    "overloaded-400",
                    "error-in-200-429",
                    "error-in-200-502",
                    "error-in-choice",
                    "reasoning-outside",
                    "reasoning-only",
                    "usage-zero",
                    "usage-missing",
                    "usage-huge",
                    "cache-hit-tokens",
                    "cached-tokens",
                    "tier-priority",
                    "content-parts",
                    "think-block",
                    "failed-generation",
                    "finish-model_length",
                    "finish-abort",
                    "finish-eos",
                    "nan",
                    "control-characters",
                    "blank-lines",
                    "status-202",
                    "empty-body",
                    "event-stream",
                    "gzip",
                    "html-200");

    @TempDir private Path folder;

    @Test
    void batchThroughAMixOfFormsEndsInResultsAndBookingsMatchTheBill() throws Exception {
        String rates = FORMS.stream().map(form -> form + "=0.025").collect(Collectors.joining(","));
        SimulatorSettings settings =
                SimulatorSettings.defaults().withFaults(FaultRates.parse(rates), 5);
        try (Pipeline pipeline = new Pipeline(settings, folder)) {
            List<Read> outcomes = analyse(pipeline, 200, Duration.ofSeconds(150));

            assertThat(outcomes.stream().filter(read -> !read.isResult()))
                    .extracting(read -> read.text("reason"))
                    .containsOnly("OUTPUT_TRUNCATED")
                    .hasSizeLessThan(20);
            requireMatchingBill(pipeline);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemini", "groq", "deepseek", "xai", "openrouter", "litellm"})
    void everyServersAnswersAreReadAndBookedToTheLastDigit(String dialect) throws Exception {
        SimulatorSettings settings =
                SimulatorSettings.defaults().withDialect(ServerDialect.labelled(dialect));
        try (Pipeline pipeline = new Pipeline(settings, folder)) {
            List<Read> outcomes = analyse(pipeline, 20, Duration.ofSeconds(60));

            assertThat(outcomes).allMatch(Read::isResult);
            requireMatchingBill(pipeline);
            assertThat(PipelineIT.spend(pipeline.committed.calls()))
                    .isEqualByComparingTo(pipeline.simulator.billedUsd());
        }
    }

    private static void requireMatchingBill(Pipeline pipeline) throws Exception {
        BillComparison comparison =
                BillComparison.compare(
                        pipeline.simulator.chargedCalls(), pipeline.committed.calls());
        assertThat(comparison.problems()).isEmpty();
    }

    private static List<Read> analyse(Pipeline pipeline, int requests, Duration limit)
            throws Exception {
        pipeline.start(EnumSet.allOf(Role.class));
        for (int i = 0; i < requests; i++) {
            pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
        }
        List<Read> outcomes = pipeline.committed.awaitOutcomes(requests, limit);
        assertThat(outcomes.stream().map(Read::key)).hasSize(requests).doesNotHaveDuplicates();
        return outcomes;
    }
}
