package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a worker's readiness says where other workers or other configurations matter. */
class WorkerReadinessIT {
    private static final String RETIRING = "retiring";
    private static final String OTHER_MODEL = "gpt-4.1-nano";
    private static final Path SUPPORT_TICKET = Path.of("../../analyses/support-ticket");

    @TempDir private Path folder;

    @Test
    void jobsOfAModelThatIsNoLongerConfiguredAreReportedUntilTheyHaveEnded() throws Exception {
        try (Pipeline pipeline =
                new Pipeline(
                        SimulatorSettings.defaults(),
                        folder,
                        AnalysisCatalog.load(Optional.of(analysisOfAnotherModel())))) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            AnalysisRequest request = Pipeline.request("left", "I cannot log in.");
            request.setAnalysis(RETIRING);
            pipeline.publish(request);
            String jobs = pipeline.connection.topics().jobs(OTHER_MODEL);
            await().atMost(PATIENCE)
                    .until(() ->
                            !CommittedRecords.raw(pipeline.connection, List.of(jobs)).isEmpty());

            Service without = pipeline.launch(EnumSet.of(Role.WORKER), Set.of(Pipeline.MODEL));
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(without.health().notReady())
                                    .containsOnlyKeys("worker-models")
                                    .containsValue(
                                            "jobs wait for models that are not configured here:"
                                                    + " add models."
                                                    + OTHER_MODEL
                                                    + " until the jobs have ended"));

            pipeline.start(EnumSet.of(Role.WORKER));
            assertThat(pipeline.committed.awaitOutcomes(1, PATIENCE)).hasSize(1);
            await().atMost(PATIENCE).until(() -> without.health().notReady().isEmpty());
        }
    }

    @Test
    void workerBeyondTheNumberOfPartitionsIsReadyAndSaysThatItHasNone() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            Service[] workers = new Service[Pipeline.PARTITIONS + 1];
            for (int i = 0; i < workers.length; i++) {
                workers[i] = pipeline.start(EnumSet.of(Role.WORKER));
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(workers)
                                    .filteredOn(
                                            worker -> worker.health().notes().containsKey("worker"))
                                    .hasSize(1)
                                    .allSatisfy(worker ->
                                            assertThat(worker.health().notReady()).isEmpty()));
        }
    }

    private Path analysisOfAnotherModel() throws IOException {
        Path analyses = folder.resolve("analyses");
        Path retiring = Files.createDirectories(analyses.resolve(RETIRING));
        Files.writeString(
                retiring.resolve("analysis.yaml"),
                Files.readString(SUPPORT_TICKET.resolve("analysis.yaml"))
                        .replace("name: support-ticket", "name: " + RETIRING)
                        .replace("model: gpt-4.1-mini", "model: " + OTHER_MODEL)
                        .replace("fallbacks: [gpt-4o-mini]\n", ""));
        Files.copy(
                SUPPORT_TICKET.resolve("output.schema.json"),
                retiring.resolve("output.schema.json"));
        return analyses;
    }
}
