package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code sluice erase}: one user's records, and nobody else's. */
class EraseIT {
    @TempDir private Path folder;

    @Test
    void userIsErasedWhereKafkaAllowsItAndTheRestIsListedWithItsEnd() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            Service service = pipeline.start(EnumSet.allOf(Role.class));
            for (String user : List.of("ann", "bob", "anna")) {
                for (int i = 0; i < 3; i++) {
                    pipeline.publish(request(user, i, "seo"));
                }
            }
            pipeline.publish(request("ann", 3, "nothing"));
            assertThat(pipeline.committed.awaitOutcomes(10, PATIENCE)).hasSize(10);
            for (String user : List.of("ann", "anna")) {
                assertThat(sluice(pipeline, "budget", "set", user, "--daily-usd", "7")).isZero();
                assertThat(sluice(pipeline, "budget", "add", user, "3")).isZero();
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(
                                            Commands.run(pipeline, folder, "budget", "show", "ann")
                                                    .out())
                                    .contains("10"));
            // Admission would write the day again.
            service.close();

            Map<String, JsonNode> found = found(pipeline, "ann");
            String prefix = pipeline.connection.topics().prefix();
            assertThat(found)
                    .containsOnlyKeys(
                            prefix + "requests.v1",
                            prefix + "dead-letters.v1",
                            prefix + "calls.v1",
                            prefix + "budgets.v1",
                            prefix + "spend.v1",
                            prefix + "results.seo.v1");
            assertThat(found.get(prefix + "requests.v1").path("records").asInt()).isEqualTo(4);
            assertThat(found.get(prefix + "results.seo.v1").path("records").asInt()).isEqualTo(3);
            assertThat(found.get(prefix + "dead-letters.v1").path("records").asInt()).isOne();
            assertThat(found.get(prefix + "budgets.v1").path("records").asInt()).isEqualTo(2);
            JsonNode results = found.get(prefix + "results.seo.v1");
            assertThat(
                            Duration.between(
                                    Instant.parse(results.path("newest").asString()),
                                    Instant.parse(results.path("deletedBy").asString())))
                    .as("a week of retention, and a week in which a segment is filled")
                    .isEqualTo(Duration.ofDays(14));
            assertThat(results.path("erasable").asBoolean()).isFalse();
            assertThat(found.get(prefix + "budgets.v1").path("erasable").asBoolean()).isTrue();

            Commands.Ran refused = Commands.run(pipeline, folder, "erase", "--user", "ann");
            assertThat(refused.exitCode()).isEqualTo(2);
            assertThat(refused.err()).contains("nothing is erased without --yes");
            Commands.Ran erased = Commands.run(pipeline, folder, "erase", "--user", "ann", "-y");
            assertThat(erased.exitCode()).as(erased.err()).isZero();
            assertThat(erased.err()).contains("erased: 3 keys");
            assertThat(erased.out()).contains("can be erased", "deleted by (UTC)");

            assertThat(found(pipeline, "ann"))
                    .hasSize(4)
                    .doesNotContainKeys(prefix + "budgets.v1", prefix + "spend.v1");
            assertThat(keys(pipeline, pipeline.connection.topics().budgets()))
                    .noneMatch(key -> key.equals("ann") || key.startsWith("ann/"))
                    .contains("anna")
                    .hasSize(2);
            assertThat(keys(pipeline, pipeline.connection.topics().spend()))
                    .noneMatch(key -> key.endsWith("/ann"))
                    .anyMatch(key -> key.endsWith("/anna"))
                    .anyMatch(key -> key.endsWith("/bob"));

            // Only the own limits are taken back; nobody is made of an addition's key. The change
            // of another limit comes after all that was erased, on the same partition.
            pipeline.start(EnumSet.allOf(Role.class));
            assertThat(sluice(pipeline, "budget", "set", "ann", "--daily-usd", "9")).isZero();
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(
                                            Commands.run(pipeline, folder, "budget", "show", "ann")
                                                    .out())
                                    .contains("9"));
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(keys(pipeline, pipeline.connection.topics().spend()))
                                    .anyMatch(key -> key.endsWith("/ann")));
            assertThat(keys(pipeline, pipeline.connection.topics().spend()))
                    .allMatch(key -> key.matches("[0-9-]+/(ann|anna|bob)"));
            assertThat(Commands.run(pipeline, folder, "erase", "--user", "nobody").out())
                    .contains("no topic has records of this user");
        }
    }

    private Map<String, JsonNode> found(Pipeline pipeline, String user) throws Exception {
        Commands.Ran ran =
                Commands.run(pipeline, folder, "erase", "--user", user, "--dry-run", "--json");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        Map<String, JsonNode> found = new HashMap<>();
        ran.out()
                .lines()
                .map(JsonMapper.shared()::readTree)
                .forEach(line -> found.put(line.path("topic").asString(), line));
        return found;
    }

    /** The keys that are left once the brokers have compacted a topic. */
    private static List<String> keys(Pipeline pipeline, String topic) {
        Map<String, ConsumerRecord<byte[], byte[]>> latest = new HashMap<>();
        CommittedRecords.raw(pipeline.connection, List.of(topic))
                .forEach(record ->
                        latest.put(new String(record.key(), StandardCharsets.UTF_8), record));
        return latest.entrySet().stream()
                .filter(entry -> entry.getValue().value() != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    private static AnalysisRequest request(String user, int number, String analysis) {
        AnalysisRequest request = Pipeline.request(user + number, Pipeline.page(number));
        request.setUserId(user);
        request.setAnalysis(analysis);
        return request;
    }

    private int sluice(Pipeline pipeline, String... arguments) throws Exception {
        return Commands.run(pipeline, folder, arguments).exitCode();
    }
}
