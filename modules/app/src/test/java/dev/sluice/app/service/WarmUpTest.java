package dev.sluice.app.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Endpoint;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WarmUpTest {
    private final AnalysisCatalog analyses = AnalysisCatalog.load(Optional.empty());
    private final AtomicInteger called = new AtomicInteger();

    @ParameterizedTest
    @EnumSource(Provider.class)
    void providersAreConnectedToAndGetNoRequest(Provider provider) throws Exception {
        BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();
        try (ServerSocket server = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
                Models models = models(provider, server.getLocalPort())) {
            var _ = Thread.ofVirtual().start(() -> acceptInto(accepted, server));

            WarmUp.run(analyses.all(), models, ComputeLimits.defaults());

            Socket connection = accepted.take();
            assertThat(connection.getInputStream().available()).isZero();
            assertThat(accepted).isEmpty();
            assertThat(called).as("calls in books and metrics").hasValue(0);
        }
    }

    @Test
    void unreachableProviderDoesNotDelayTheStart() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }
        try (Models models = models(Provider.OPENAI, port)) {
            WarmUp.run(analyses.all(), models, ComputeLimits.defaults());

            assertThat(called).hasValue(0);
        }
    }

    private static void acceptInto(BlockingQueue<Socket> accepted, ServerSocket server) {
        try {
            while (true) {
                accepted.add(server.accept());
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private Models models(Provider provider, int port) {
        String model = "gpt-4.1-mini";
        Endpoint endpoint =
                new Endpoint(
                        provider,
                        URI.create("http://127.0.0.1:" + port),
                        new Secret("key"),
                        model,
                        Duration.ofSeconds(1));
        return new Models(
                Map.of(
                        model,
                        List.of(
                                new Deployment(
                                        model,
                                        "d",
                                        model,
                                        ModelTraits.of(model),
                                        endpoint,
                                        ProviderLimits.unknown()))),
                new CallObserver() {
                    @Override
                    public void called(String analysis, Call call) {
                        called.incrementAndGet();
                    }

                    @Override
                    public void waited(String name, String reason, Duration time) {}
                });
    }
}
