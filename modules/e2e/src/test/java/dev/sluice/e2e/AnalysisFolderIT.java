package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A new analysis is a new folder: the built-in analyses, and one more that another provider
 * answers.
 */
class AnalysisFolderIT {
    @TempDir private Path folder;

    @Test
    void everyAnalysisGetsItsTypedResultsFromEachProvider() throws Exception {
        AnalysisCatalog analyses = AnalysisCatalog.load(Optional.of(Triage.folderIn(folder)));
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder, analyses)) {
            pipeline.start(EnumSet.allOf(Role.class));
            pipeline.publish(request("seo", Pipeline.page(1)));
            pipeline.publish(request("support-ticket", "The export has failed since Monday."));
            pipeline.publish(request("contract-clauses", "The supplier shall deliver by May."));
            pipeline.publish(request("triage", "I cannot log in."));

            List<Read> outcomes = pipeline.committed.awaitOutcomes(4, PATIENCE);

            Map<String, GenericRecord> results =
                    outcomes.stream()
                            .filter(Read::isResult)
                            .collect(Collectors.toMap(Read::key, Read::value));
            assertThat(results)
                    .containsOnlyKeys("seo", "support-ticket", "contract-clauses", "triage");
            assertThat(output(results, "support-ticket").get("routing"))
                    .isInstanceOfSatisfying(
                            GenericRecord.class,
                            routing -> assertThat(routing.get("team")).hasToString("frontline"));
            assertThat((List<?>) output(results, "contract-clauses").get("clauses"))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            GenericRecord.class,
                            clause ->
                                    assertThat(clause.get("quote"))
                                            .hasToString("The supplier shall deliver by May."));
            assertThat(results.get("triage").get("modelId")).hasToString("claude-haiku-4-5");
            assertThat(pipeline.committed.calls().stream().map(call -> call.text("provider")))
                    .containsExactlyInAnyOrder("openai", "openai", "openai", "anthropic");
            assertThat(PipelineIT.spend(outcomes))
                    .isPositive()
                    .isEqualByComparingTo(pipeline.simulator.billedUsd());
        }
    }

    private static GenericRecord output(Map<String, GenericRecord> results, String analysis) {
        return (GenericRecord) results.get(analysis).get("output");
    }

    private static AnalysisRequest request(String analysis, String content) {
        return AnalysisRequest.newBuilder(Pipeline.request(analysis, content))
                .setAnalysis(analysis)
                .build();
    }
}
