package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The log of a healthy service under 100 requests a second. */
@Execution(ExecutionMode.CONCURRENT)
class LogIT {
    private static final int PER_SECOND = 100;
    private static final int REQUESTS = 2_000;

    /** Each stays within its requests per hour. */
    private static final int USERS = 50;

    /** Lines of the start and the stop. */
    private static final int OTHERS = 10;

    /** Not part of any line. */
    private static final String CONTENT = "a-word-that-only-the-content-has";

    @TempDir private Path folder;

    @Test
    void healthyServiceLogsOneLineForEachCallAndOutcomeAndNearlyNothingElse() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                JavaProcess service =
                        pipeline.startProcess(
                                "0", "admission,worker", Map.of("SLUICE_LOG_FORMAT", "json"))) {
            publish(pipeline);
            assertThat(pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE)).hasSize(REQUESTS);
            service.stop();

            List<JsonNode> lines =
                    service.log()
                            .lines()
                            .filter(line -> line.startsWith("{"))
                            .map(line -> JsonMapper.shared().readTree(line))
                            .toList();
            List<JsonNode> outcomes = with(lines, "outcome published");
            List<JsonNode> calls = with(lines, "model called");
            assertThat(outcomes).hasSize(REQUESTS);
            assertThat(calls).hasSize(REQUESTS);
            assertThat(service.log()).doesNotContain(CONTENT);
            assertThat(lines).allMatch(LogIT::hasNoNestedValues);
            assertThat(others(lines)).hasSizeLessThan(OTHERS).noneMatch(LogIT::isWarning);
            assertThat(sum(calls, "costUsd")).isEqualByComparingTo(pipeline.simulator.billedUsd());
            assertThat(sum(calls, "inputTokens")).isEqualTo(tokens(pipeline, "inputTokens"));
            assertThat(sum(calls, "outputTokens")).isEqualTo(tokens(pipeline, "outputTokens"));
        }
    }

    private static List<JsonNode> others(List<JsonNode> lines) {
        return lines.stream()
                .filter(line ->
                        !Set.of("outcome published", "model called")
                                .contains(line.path("message").asString()))
                .toList();
    }

    /** A text of Avro is not a String, and would be written as an object. */
    private static boolean hasNoNestedValues(JsonNode line) {
        return line.properties().stream().noneMatch(entry -> entry.getValue().isObject());
    }

    /** The folder of this test is a temporary one, which is worth a warning. */
    private static boolean isWarning(JsonNode line) {
        return Set.of("WARN", "ERROR").contains(line.path("log.level").asString())
                && !line.path("log.logger").asString().endsWith(".StateDirectory");
    }

    private static void publish(Pipeline pipeline) throws InterruptedException {
        long start = System.nanoTime();
        for (int i = 0; i < REQUESTS; i++) {
            TimeUnit.NANOSECONDS.sleep(
                    start + i * TimeUnit.SECONDS.toNanos(1) / PER_SECOND - System.nanoTime());
            AnalysisRequest request = Pipeline.request("r" + i, Pipeline.page(i) + CONTENT);
            request.setUserId("user" + i % USERS);
            pipeline.publish(request);
        }
    }

    private static List<JsonNode> with(List<JsonNode> lines, String message) {
        return lines.stream()
                .filter(line -> line.path("message").asString().equals(message))
                .toList();
    }

    private static BigDecimal sum(List<JsonNode> lines, String key) {
        return lines.stream()
                .map(line -> new BigDecimal(line.path(key).asString()))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal tokens(Pipeline pipeline, String kind) {
        return pipeline.committed.calls().stream()
                .map(call -> (GenericRecord) call.value().get("usage"))
                .map(usage -> BigDecimal.valueOf((long) usage.get(kind)))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
