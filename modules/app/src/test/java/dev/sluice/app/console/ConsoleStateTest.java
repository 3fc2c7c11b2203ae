package dev.sluice.app.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Stage;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.telemetry.RecentDeadLetters;
import dev.sluice.runtime.telemetry.RecentDeadLetters.Entry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ConsoleStateTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SluiceMetrics metrics = new SluiceMetrics(meters);
    private final Health health = new Health();
    private final RecentDeadLetters deadLetters = new RecentDeadLetters();
    private final ConsoleState state =
            new ConsoleState(meters, health, Set.of(Role.WORKER), deadLetters);

    @Test
    void metersHaveTheirLabelsAndValues() {
        metrics.add(Metric.SPEND, 0.25, "seo", "gpt", "confirmed");
        metrics.time(Metric.WAITS, Duration.ofMillis(1_500), "gpt", "QUOTA");
        metrics.gauge(Metric.IN_FLIGHT, () -> 7, "gpt");

        ObjectNode numbers = (ObjectNode) state.json(true).get("meters");

        assertThat(numbers.get("sluice.spend.usd"))
                .hasToString(
                        """
                        [{"analysis":"seo","certainty":"confirmed","model":"gpt","value":0.25}]\
                        """);
        assertThat(numbers.get("sluice.waits"))
                .hasToString(
                        """
                        [{"model":"gpt","reason":"QUOTA","count":1,"seconds":1.5}]\
                        """);
        assertThat(numbers.get("sluice.worker.in.flight"))
                .hasToString(
                        """
                        [{"model":"gpt","value":7.0}]\
                        """);
    }

    @Test
    void gaugeWithoutAValueIsLeftOutAndItsMetricIsThere() {
        metrics.gauge(Metric.PROVIDER_LIMIT, () -> Double.NaN, "gpt", "openai", "tokens");

        assertThat(state.json(true).get("meters").get("sluice.provider.limit")).isEmpty();
    }

    @Test
    void problemsAreThoseOfTheHealthEndpoints() {
        health.live("worker", () -> Optional.of("stopped"));
        health.ready("brokers", () -> Optional.of("no answer"));

        assertThat(state.json(true).get("notLive")).hasToString("{\"worker\":\"stopped\"}");
        assertThat(state.json(true).get("notReady")).hasToString("{\"brokers\":\"no answer\"}");
        assertThat(state.json(true).get("roles")).hasToString("[\"worker\"]");
    }

    @Test
    void newestDeadLettersComeFirstAndTheOldestAreForgotten() {
        for (int i = 0; i < 60; i++) {
            deadLetters.add(
                    new Entry(
                            Instant.EPOCH.plusSeconds(i),
                            "r" + i,
                            "ann",
                            "seo",
                            Reason.INVALID_OUTPUT,
                            Stage.WORKER));
        }

        assertThat(state.json(true).get("deadLetters")).hasSize(20);
        assertThat(state.json(true).get("deadLetters").get(0))
                .hasToString(
                        """
                        {"requestId":"r59","userId":"ann","at":"1970-01-01T00:00:59Z",\
                        "analysis":"seo","kind":"FAILED","reason":"INVALID_OUTPUT",\
                        "stage":"WORKER"}\
                        """);
        assertThat(state.json(false).get("deadLetters").toString())
                .contains("INVALID_OUTPUT")
                .doesNotContain("r59", "ann");
    }
}
