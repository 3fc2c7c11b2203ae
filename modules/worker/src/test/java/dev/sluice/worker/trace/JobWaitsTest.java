package dev.sluice.worker.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.runtime.trace.SpanNames;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobWaitsTest {
    private static final Instant START = Instant.parse("2026-11-30T00:00:00Z");

    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final OpenTelemetrySdk sdk =
            OpenTelemetrySdk.builder()
                    .setTracerProvider(
                            SdkTracerProvider.builder()
                                    .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                                    .build())
                    .build();
    private final JobWaits waits = new JobWaits(RequestTraces.of(sdk));

    @AfterEach
    void close() {
        sdk.close();
    }

    @Test
    void thousandLooksForOneReasonAreOneSpan() {
        for (int second = 1; second <= 1_000; second++) {
            waits.add("m", "QUOTA", Duration.ofMillis(500), START.plusSeconds(second));
        }
        waits.add("m", "THROTTLED", Duration.ofSeconds(2), START.plusSeconds(1_002));
        waits.record(Context.root());

        assertThat(exporter.getFinishedSpanItems())
                .extracting(SpanData::getName)
                .containsExactly("wait QUOTA", "wait THROTTLED");
        SpanData quota = exporter.getFinishedSpanItems().getFirst();
        assertThat(quota.getStartEpochNanos()).isEqualTo(nanos(START.plusMillis(500)));
        assertThat(quota.getEndEpochNanos()).isEqualTo(nanos(START.plusSeconds(1_000)));
        assertThat(quota.getAttributes().get(SpanNames.WAITED)).isEqualTo(500.0);
    }

    @Test
    void recordedWaitsAreForgotten() {
        waits.add("m", "QUOTA", Duration.ofSeconds(1), START);
        waits.record(Context.root());
        waits.record(Context.root());

        assertThat(exporter.getFinishedSpanItems()).hasSize(1);
    }

    private static long nanos(Instant time) {
        return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
    }
}
