package dev.sluice.e2e;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes what OpenTelemetry exports over OTLP. */
final class OtlpCollector implements AutoCloseable {
    private final HttpServer server;
    private final List<byte[]> exported = new CopyOnWriteArrayList<>();

    private OtlpCollector(HttpServer server) {
        this.server = server;
    }

    static OtlpCollector start() throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        OtlpCollector collector = new OtlpCollector(server);
        server.createContext(
                "/v1/traces",
                exchange -> {
                    collector.exported.add(exchange.getRequestBody().readAllBytes());
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        server.start();
        return collector;
    }

    /** Environment variables of a service that exports its spans here. */
    Map<String, String> settings() {
        return Map.of(
                "SLUICE_TRACING_ENABLED", "true",
                "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + server.getAddress().getPort(),
                "OTEL_BSP_SCHEDULE_DELAY", "200");
    }

    /** All that was exported: its texts can be read, the rest are bytes. */
    String exported() {
        StringBuilder all = new StringBuilder();
        exported.forEach(bytes -> all.append(new String(bytes, StandardCharsets.ISO_8859_1)));
        return all.toString();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
