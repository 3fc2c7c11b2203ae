package dev.sluice.app.service;

import dev.sluice.app.config.InvalidConfigException;
import dev.sluice.runtime.trace.RequestTraces;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** OpenTelemetry's SDK, which the OTEL_* environment variables configure, if tracing is enabled. */
public final class Tracing implements AutoCloseable {
    /** What differs from the SDK's defaults: metrics are scraped, and logs go to stderr. */
    private static final Map<String, String> DEFAULTS =
            Map.of(
                    "otel.service.name", "sluice",
                    "otel.metrics.exporter", "none",
                    "otel.logs.exporter", "none",
                    "otel.exporter.otlp.protocol", "http/protobuf");

    private final Optional<OpenTelemetrySdk> sdk;

    private Tracing(Optional<OpenTelemetrySdk> sdk) {
        this.sdk = sdk;
    }

    /**
     * Starts the SDK.
     *
     * @param enabled if false, nothing is started and no span is made
     * @throws InvalidConfigException if the SDK does not accept a variable
     */
    public static Tracing start(boolean enabled) {
        if (enabled) {
            // The SDK reports failed exports with java.util.logging.
            SLF4JBridgeHandler.removeHandlersForRootLogger();
            SLF4JBridgeHandler.install();
        }
        return new Tracing(enabled ? Optional.of(sdk()) : Optional.empty());
    }

    private static OpenTelemetrySdk sdk() {
        try {
            return AutoConfiguredOpenTelemetrySdk.builder()
                    .addPropertiesSupplier(() -> DEFAULTS)
                    .disableShutdownHook()
                    .build()
                    .getOpenTelemetrySdk();
        } catch (RuntimeException e) {
            throw new InvalidConfigException(
                    List.of(
                            "tracing.enabled: the OTEL_* variables are not valid: "
                                    + e.getMessage()
                                    + " (only OTLP over HTTP is included:"
                                    + " OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf)"));
        }
    }

    public RequestTraces traces() {
        return sdk.map(RequestTraces::of).orElseGet(RequestTraces::off);
    }

    /** Exports the spans that are left. */
    @Override
    public void close() {
        sdk.ifPresent(OpenTelemetrySdk::close);
    }
}
