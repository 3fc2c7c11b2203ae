package dev.sluice.contract.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A registry that starts an answer and does not finish it. */
class HangingRegistryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int PROBES = 20;

    private final ServerSocket server;
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicLong written = new AtomicLong();

    HangingRegistryTest() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void connectionOfAProbeWhoseBodyHangsIsClosed() {
        serve("Content-Length: 1000", false);
        SchemaRegistry registry = registry(100);

        for (int i = 0; i < PROBES; i++) {
            assertThatThrownBy(() -> registry.byId(1, "s"))
                    .isInstanceOf(RegistryUnavailableException.class);
        }

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(closed).hasValue(opened.get()));
        assertThat(opened.get()).isEqualTo(PROBES);
    }

    @Test
    void closeCancelsOpenCalls() {
        serve("Content-Length: 1000", false);
        SchemaRegistry registry = registry(60_000);
        Thread caller =
                started(() ->
                        assertThatThrownBy(() -> registry.byId(1, "s"))
                                .isInstanceOf(RegistryUnavailableException.class));
        await().atMost(PATIENCE).until(() -> opened.get() == 1);

        registry.close();

        await().atMost(PATIENCE).until(() -> closed.get() == 1 && !caller.isAlive());
    }

    @Test
    void endlessBodyIsCutOff() {
        serve("Connection: close", true);
        SchemaRegistry registry = registry(60_000);

        assertThatThrownBy(() -> registry.byId(1, "s"))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasRootCauseMessage("the body has more than 16777216 bytes");

        await().atMost(PATIENCE).until(() -> closed.get() == 1);
        assertThat(written.get()).isLessThan(100L << 20);
    }

    private SchemaRegistry registry(int timeout) {
        return new HttpSchemaRegistry(
                RegistryConfig.from(
                        Map.of(
                                "schema.registry.url",
                                "http://127.0.0.1:" + server.getLocalPort(),
                                "max.retries",
                                "0",
                                "http.connect.timeout.ms",
                                timeout,
                                "http.read.timeout.ms",
                                timeout)));
    }

    private void serve(String header, boolean endless) {
        Thread unused =
                started(() -> {
                    try {
                        while (true) {
                            Socket socket = server.accept();
                            opened.incrementAndGet();
                            Thread unusedToo = started(() -> answer(socket, header, endless));
                        }
                    } catch (IOException e) {
                        // The test is over.
                    }
                });
    }

    private static Thread started(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void answer(Socket socket, String header, boolean endless) {
        try (socket) {
            OutputStream out = socket.getOutputStream();
            out.write(
                    ("HTTP/1.1 200 OK\r\n" + header + "\r\n\r\n{")
                            .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            while (endless) {
                out.write(new byte[1 << 16]);
                written.addAndGet(1 << 16);
            }
            while (socket.getInputStream().read() >= 0) {
                // The request does not matter.
            }
        } catch (IOException e) {
            // The client closed the connection.
        } finally {
            closed.incrementAndGet();
        }
    }
}
