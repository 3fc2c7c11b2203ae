package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.RequestPublisher;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.SimulatorSettings;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The spans of requests, from the requester's span to the committed outcome. */
class TracesIT {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String REQUESTER = "b7ad6b7169203331";
    private static final String TRACEPARENT = "00-" + TRACE + "-" + REQUESTER + "-01";

    /** Not part of any span. */
    private static final String CONTENT = "a-word-that-only-the-content-has";

    @TempDir private Path folder;

    @Test
    void throttledRepairedAndSharedRequestHasASpanForEachWaitAndCall() throws Exception {
        InMemorySpanExporter exporter = InMemorySpanExporter.create();
        try (OpenTelemetrySdk sdk = sdk(exporter);
                Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.traces = RequestTraces.of(sdk);
            faultOfEachCall(pipeline, "throttled=1", "malformed=1");
            pipeline.start(EnumSet.allOf(Role.class));
            publish(pipeline, "paid", "shared");
            assertThat(pipeline.committed.awaitOutcomes(2, PATIENCE)).hasSize(2);
            await().atMost(PATIENCE).until(() -> named(exporter, "publish").size() == 1);

            List<SpanData> spans = exporter.getFinishedSpanItems();
            System.out.println(SpanTree.of(spans));
            assertThat(spans).allMatch(span -> span.getTraceId().equals(TRACE));
            assertThat(spans)
                    .extracting(SpanData::getName)
                    .contains("wait THROTTLED", "wait OUTCOME", "queue", "job", "publish");
            SpanData admission = only(exporter, "admission", "sluice.decision", "admitted");
            SpanData shared = only(exporter, "admission", "sluice.decision", "shared");
            SpanData job = named(exporter, "job").getFirst();
            assertThat(List.of(admission, shared))
                    .allMatch(span -> span.getParentSpanId().equals(REQUESTER));
            assertThat(job.getParentSpanId()).isEqualTo(admission.getSpanId());
            List<SpanData> calls = named(exporter, "chat gpt-4.1-mini");
            assertThat(calls)
                    .hasSize(3)
                    .allMatch(call -> call.getParentSpanId().equals(job.getSpanId()));
            assertThat(calls)
                    .extracting(call -> call.getAttributes().get(text("error.type")))
                    .containsExactly("throttled", null, null);
            assertThat(calls)
                    .extracting(call -> call.getAttributes().get(text("sluice.call.purpose")))
                    .containsExactly("analysis", "analysis", "repair");
            assertThat(spans.toString()).doesNotContain(CONTENT);
        }
    }

    @Test
    void spansAreExportedOverOtlp() throws Exception {
        try (OtlpCollector collector = OtlpCollector.start();
                Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                JavaProcess service =
                        pipeline.startProcess("0", "admission,worker", collector.settings())) {
            publish(pipeline, "one");
            assertThat(pipeline.committed.awaitOutcomes(1, PATIENCE)).hasSize(1);
            service.stop();

            assertThat(collector.exported())
                    .contains("chat gpt-4.1-mini", "admission", "publish", "sluice")
                    .doesNotContain(CONTENT);
            assertThat(service.log()).doesNotContain(CONTENT, "Failed to export");
        }
    }

    private static OpenTelemetrySdk sdk(InMemorySpanExporter exporter) {
        return OpenTelemetrySdk.builder()
                .setTracerProvider(
                        SdkTracerProvider.builder()
                                .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                                .build())
                .build();
    }

    /** The faults of the first calls, in their order; later calls have none. */
    private static void faultOfEachCall(Pipeline pipeline, String... faults) {
        AtomicInteger calls = new AtomicInteger();
        pipeline.simulator.faults(FaultRates.parse(faults[0]));
        pipeline.simulator.listen(_ -> {
            int next = calls.incrementAndGet();
            pipeline.simulator.faults(
                    next < faults.length ? FaultRates.parse(faults[next]) : FaultRates.NONE);
        });
    }

    /** Publishes identical requests in the requester's span. */
    private static void publish(Pipeline pipeline, String... ids) throws Exception {
        Map<String, Object> settings = new HashMap<>(pipeline.connection.registry());
        settings.putAll(pipeline.connection.client());
        try (RequestPublisher publisher =
                new RequestPublisher(pipeline.connection.topics(), settings)) {
            for (String id : ids) {
                AnalysisRequest request = Pipeline.request(id, Pipeline.page(1) + CONTENT);
                request.setCache(CacheUse.ALLOW);
                var _ =
                        publisher
                                .publish(request, Map.of("traceparent", TRACEPARENT))
                                .get(30, TimeUnit.SECONDS);
            }
        }
    }

    private static List<SpanData> named(InMemorySpanExporter exporter, String name) {
        return exporter.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals(name))
                .toList();
    }

    private static SpanData only(
            InMemorySpanExporter exporter, String name, String attribute, String value) {
        List<SpanData> found =
                named(exporter, name).stream()
                        .filter(span -> value.equals(span.getAttributes().get(text(attribute))))
                        .toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private static AttributeKey<String> text(String name) {
        return AttributeKey.stringKey(name);
    }
}
