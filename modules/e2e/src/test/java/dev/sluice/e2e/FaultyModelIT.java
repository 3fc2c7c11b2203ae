package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisDefinition.OutputRules;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.verdict.Judge;
import dev.sluice.analysis.verdict.Verdict;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.runtime.result.ResultType;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guarantee 2: a results topic never has an invalid result. */
class FaultyModelIT {
    private static final int REQUESTS = 60;

    @TempDir private Path folder;

    @Test
    void invalidAnswersAreRepairedOrDeadLetteredWithBothAnswersAndTheirCost() throws Exception {
        SimulatorSettings faulty =
                SimulatorSettings.defaults()
                        .withFaults(
                                FaultRates.parse("malformed=0.3,fenced=0.1,out-of-range=0.1"), 7);
        try (Pipeline pipeline = new Pipeline(faulty, folder)) {
            List<Read> outcomes = analyse(pipeline);

            OutputRules rules = pipeline.analyses.find("seo").orElseThrow().output();
            ResultType type = ResultType.of("seo", rules.schema().tree());
            List<Read> results = outcomes.stream().filter(Read::isResult).toList();
            List<Read> deadLetters = outcomes.stream().filter(read -> !read.isResult()).toList();
            for (Read result : results) {
                ModelReply.Answered published =
                        new ModelReply.Answered(
                                type.output(result.value()).toString(),
                                FinishReason.STOP,
                                Optional.empty(),
                                "r",
                                RateLimits.NONE);
                assertThat(new Judge(rules).judge(published, new PreparedInput("", 0, 0, 0)))
                        .isInstanceOf(Verdict.Valid.class);
            }
            assertThat(results)
                    .as("some answers were repaired")
                    .anyMatch(result -> (int) result.value().get("repairs") == 1);
            assertThat(deadLetters).as("some stayed invalid").isNotEmpty();
            for (Read letter : deadLetters) {
                assertThat(letter.text("reason")).isEqualTo("INVALID_OUTPUT");
                assertThat((Collection<?>) letter.value().get("rawAnswers")).hasSize(2);
                assertThat((Collection<?>) letter.value().get("violations")).isNotEmpty();
                assertThat((int) letter.value().get("calls")).isEqualTo(2);
                assertThat((BigDecimal) letter.value().get("costUsd")).isPositive();
                assertThat(((GenericRecord) letter.value().get("original")).get("value"))
                        .isNotNull();
            }
            assertThat(PipelineIT.spend(outcomes))
                    .isEqualByComparingTo(pipeline.simulator.billedUsd());
            assertThat(PipelineIT.spend(pipeline.committed.calls()))
                    .isEqualByComparingTo(pipeline.simulator.billedUsd());
        }
    }

    @Test
    void throttlingErrorsAndRefusalsAreAccountedForToo() throws Exception {
        SimulatorSettings faulty =
                SimulatorSettings.defaults()
                        .withFaults(
                                FaultRates.parse("throttled=0.1,error=0.2,refusal=0.1,length=0.1"),
                                3);
        try (Pipeline pipeline = new Pipeline(faulty, folder)) {
            List<Read> outcomes = analyse(pipeline);

            assertThat(
                            outcomes.stream()
                                    .filter(read -> !read.isResult())
                                    .map(r -> r.text("reason")))
                    .contains("REFUSED_BY_MODEL", "OUTPUT_TRUNCATED")
                    .isSubsetOf("REFUSED_BY_MODEL", "OUTPUT_TRUNCATED");
            List<Read> calls = pipeline.committed.calls();
            assertThat(calls).hasSize((int) pipeline.simulator.requests());
            assertThat(calls.stream().map(call -> call.text("status")))
                    .contains("ANSWERED", "REFUSED", "THROTTLED", "UNAVAILABLE");
            assertThat(PipelineIT.spend(calls))
                    .isEqualByComparingTo(pipeline.simulator.billedUsd());
        }
    }

    private static List<Read> analyse(Pipeline pipeline) throws Exception {
        pipeline.start(EnumSet.allOf(Role.class));
        for (int i = 0; i < REQUESTS; i++) {
            pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
        }
        List<Read> outcomes = pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE);
        assertThat(outcomes.stream().map(Read::key)).hasSize(REQUESTS).doesNotHaveDuplicates();
        return outcomes;
    }
}
