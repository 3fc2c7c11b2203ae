package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each user has one account, with any keys and partitions of the requests. */
class PlacementIT {
    private static final int USERS = 7;
    private static final int REQUESTS = 10;

    @TempDir private Path folder;

    @Test
    void requestsTopicMayHaveFewerPartitionsAndAnyKeys() throws Exception {
        try (Pipeline pipeline =
                Pipeline.withRequestPartitions(SimulatorSettings.defaults(), folder, 2)) {
            pipeline.start(EnumSet.allOf(Role.class));
            for (int user = 0; user < USERS; user++) {
                for (int i = 0; i < REQUESTS; i++) {
                    publish(pipeline, "user-" + user, "u" + user + "-" + i);
                }
            }

            List<Read> outcomes = pipeline.committed.awaitOutcomes(USERS * REQUESTS, PATIENCE);

            assertThat(outcomes).hasSize(USERS * REQUESTS).allMatch(Read::isResult);
            Map<String, BigDecimal> sums = sums(pipeline.committed.calls());
            await().untilAsserted(() -> assertThat(lastSpends(pipeline)).isEqualTo(sums));
        }
    }

    @Test
    void moreRequestPartitionsThanLedgerPartitionsAreRejected() throws Exception {
        try (Pipeline pipeline =
                Pipeline.withRequestPartitions(
                        SimulatorSettings.defaults(), folder, Pipeline.PARTITIONS + 1)) {
            assertThatThrownBy(() -> pipeline.start(EnumSet.of(Role.ADMISSION)))
                    .hasMessageContaining("at most " + Pipeline.PARTITIONS + " partitions");
        }
    }

    /** Keyed by request id, so the requests of one user are on all partitions. */
    private static void publish(Pipeline pipeline, String user, String id) {
        pipeline.publish(
                AnalysisRequest.newBuilder(Pipeline.request(id, Pipeline.page(1)))
                        .setUserId(user)
                        .build());
    }

    /** The spend by user and day, from the latest record of each. */
    private static Map<String, BigDecimal> lastSpends(Pipeline pipeline) {
        Map<String, BigDecimal> spends = new HashMap<>();
        pipeline.committed
                .spends()
                .forEach(read -> spends.put(account(read), usd(read, "spentUsd")));
        return spends;
    }

    private static Map<String, BigDecimal> sums(List<Read> calls) {
        Map<String, BigDecimal> sums = new HashMap<>();
        calls.forEach(call -> sums.merge(account(call), usd(call, "costUsd"), BigDecimal::add));
        return sums;
    }

    private static String account(Read row) {
        return row.text("userId") + " " + row.text("day");
    }

    private static BigDecimal usd(Read row, String field) {
        return (BigDecimal) row.value().get(field);
    }
}
