package dev.sluice.app.spend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Topics;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SpendViewTest {
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 27);

    private final SpendView view =
            new SpendView(
                    new KafkaConnection(
                            Map.of("bootstrap.servers", "127.0.0.1:1"),
                            Map.of("schema.registry.url", "http://127.0.0.1:1"),
                            new Topics("t."),
                            1_024));

    @Test
    void brokersThatDoNotAnswerDoNotDelayTheStop() {
        assertThat(view.days("ann", TODAY, 8)).isEmpty();

        assertThat(CompletableFuture.runAsync(view::close)).succeedsWithin(Duration.ofSeconds(30));
    }
}
