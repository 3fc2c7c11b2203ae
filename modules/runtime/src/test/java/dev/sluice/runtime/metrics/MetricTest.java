package dev.sluice.runtime.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class MetricTest {
    @Test
    void documentationHasEachMetricWithItsTypeTagsAndHelp() throws IOException {
        String page = Files.readString(Path.of("../../docs/METRICS.md")).replace("`", "");

        assertThat(Arrays.stream(Metric.values()).map(MetricTest::row))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(page).contains(row));
    }

    @Test
    void userIsNeverATag() {
        assertThat(Metric.values())
                .allSatisfy(metric ->
                        assertThat(metric.tags())
                                .noneMatch(tag -> tag.toLowerCase(Locale.ROOT).contains("user")));
    }

    @Test
    void counterWithoutTagsIsThereBeforeItsFirstEvent() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();

        var _ = new SluiceMetrics(meters);

        assertThat(meters.get(Metric.RESERVATION_EXCEEDED.id()).counter().count()).isZero();
    }

    private static String row(Metric metric) {
        String tags = metric.tags().isEmpty() ? "–" : String.join(", ", metric.tags());
        return "| %s | %s | %s | %s |"
                .formatted(
                        metric.id(),
                        metric.type().name().toLowerCase(Locale.ROOT),
                        tags,
                        metric.description());
    }
}
