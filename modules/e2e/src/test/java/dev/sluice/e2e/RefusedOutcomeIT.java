package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Outcomes that the brokers reject wait until an operator fixes the cause, and hold up no others.
 */
class RefusedOutcomeIT {
    private static final int EACH = 15;
    private static final String FINE = "seo";
    private static final String MISSING = "support-ticket";
    private static final String NARROW = "contract-clauses";

    @TempDir private Path folder;

    @Test
    void missingAndNarrowTopicsHoldUpNoOthersAndCostNoCallTwice() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                Admin admin = Admin.create(pipeline.connection.client())) {
            Service service = pipeline.start(EnumSet.allOf(Role.class));
            // The producer must know the topic before the topic is deleted.
            pipeline.publish(request(MISSING, "first"));
            pipeline.committed.awaitOutcomes(1, PATIENCE);
            admin.deleteTopics(List.of(results(pipeline, MISSING))).all().get();
            limitMessages(pipeline, admin, "200");

            for (int i = 0; i < EACH; i++) {
                for (String analysis : List.of(MISSING, NARROW, FINE)) {
                    pipeline.publish(request(analysis, analysis + i));
                }
            }

            await().atMost(PATIENCE)
                    .until(() -> pipeline.committed.read(results(pipeline, FINE)).size() == EACH);
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(service.health().notReady().get("worker-publishing"))
                                    .contains(
                                            EACH + " outcomes wait",
                                            results(pipeline, MISSING),
                                            "UnknownTopicOrPartition",
                                            results(pipeline, NARROW),
                                            "RecordTooLarge"));
            assertThat(pipeline.committed.read(results(pipeline, NARROW))).isEmpty();

            admin.createTopics(Set.of(new NewTopic(results(pipeline, MISSING), 4, (short) 1)))
                    .all()
                    .get();
            limitMessages(pipeline, admin, "1000000");

            List<Read> outcomes = pipeline.committed.awaitOutcomes(3 * EACH, PATIENCE);
            assertThat(outcomes).hasSize(3 * EACH).allMatch(Read::isResult);
            assertThat(outcomes.stream().map(Read::key)).doesNotHaveDuplicates();
            assertThat(pipeline.simulator.requests()).isEqualTo(3 * EACH + 1);
            assertThat(PipelineIT.spend(pipeline.committed.calls()))
                    .isEqualByComparingTo(pipeline.simulator.billedUsd());
            await().atMost(PATIENCE).until(() -> service.health().notReady().isEmpty());
        }
    }

    private static String results(Pipeline pipeline, String analysis) {
        return pipeline.connection.topics().results(analysis);
    }

    private static void limitMessages(Pipeline pipeline, Admin admin, String bytes)
            throws Exception {
        admin.incrementalAlterConfigs(
                        Map.of(
                                new ConfigResource(
                                        ConfigResource.Type.TOPIC, results(pipeline, NARROW)),
                                List.of(
                                        new AlterConfigOp(
                                                new ConfigEntry("max.message.bytes", bytes),
                                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    private static AnalysisRequest request(String analysis, String id) {
        return AnalysisRequest.newBuilder(Pipeline.request(id, "The supplier shall deliver."))
                .setAnalysis(analysis)
                .build();
    }
}
