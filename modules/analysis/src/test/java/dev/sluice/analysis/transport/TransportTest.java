package dev.sluice.analysis.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransportTest {
    private static final Duration IDLE = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @ParameterizedTest
    @CsvSource({"true, HTTP/2.0", "false, HTTP/1.1"})
    void overTlsTheServerChoosesTheProtocol(boolean http2, String protocol) throws Exception {
        try (TestServer server = TestServer.tls(http2, Duration.ZERO);
                Transport transport = Transport.start(TestServer.trust(), IDLE)) {
            assertThat(text(transport.send(call(server.url(), "hello")))).isEqualTo("hello");
            assertThat(text(transport.send(call(server.url(), "again")))).isEqualTo("again");

            assertThat(server.protocols()).containsOnly(protocol);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectionIsClosedSoonAfterItsLastCallAndNotBefore(boolean http2) throws Exception {
        try (TestServer server = TestServer.tls(http2, Duration.ofSeconds(1));
                Transport transport = Transport.start(TestServer.trust(), Duration.ofMillis(200))) {
            assertThat(text(transport.send(call(server.url(), "slow")))).isEqualTo("slow");

            await().until(() -> server.open() == 0);
        }
    }

    /** Else a timeout that expires while the first call is being sent takes the answer with it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void handshakeMayTakeLongerThanTheIdleTime(boolean http2) throws Exception {
        try (TestServer server = TestServer.tls(http2, Duration.ofMillis(300));
                SilencedPath path =
                        new SilencedPath(server.url().getPort(), Duration.ofMillis(500));
                Transport transport = Transport.start(TestServer.trust(), Duration.ofMillis(200))) {
            assertThat(text(transport.send(call(path.url(), "late")))).isEqualTo("late");

            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectionWithoutAnAnswerIsNotReused(boolean http2) throws Exception {
        try (TestServer server = TestServer.tls(http2, Duration.ZERO);
                SilencedPath path = new SilencedPath(server.url().getPort());
                Transport transport = Transport.start(TestServer.trust(), IDLE)) {
            assertThat(text(transport.send(call(path.url(), "heard")))).isEqualTo("heard");
            path.silence();

            assertThatThrownBy(
                            () -> transport.send(call(path.url(), "lost", Duration.ofMillis(300))))
                    .isInstanceOf(SocketTimeoutException.class);

            assertThat(text(transport.send(call(path.url(), "heard")))).isEqualTo("heard");
        }
    }

    /** Without a ping, calls would use the connection until one of them timed out. */
    @Test
    void connectionOfHttp2ThatIsDeadGetsNoFurtherCall() throws Exception {
        try (TestServer server = TestServer.tls(true, Duration.ofMillis(100));
                SilencedPath path = new SilencedPath(server.url().getPort());
                Transport transport = Transport.start(TestServer.trust(), Duration.ofSeconds(2));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpReply> first =
                    threads.submit(() -> transport.send(call(path.url(), "first", PATIENCE)));
            await().until(() -> transport.openConnections() == 1);
            path.silence();
            var _ = threads.submit(() -> transport.send(call(path.url(), "lost", PATIENCE)));
            await().pollDelay(Duration.ofSeconds(3)).until(() -> true);

            HttpReply reply = transport.send(call(path.url(), "heard", Duration.ofSeconds(3)));

            assertThat(text(reply)).isEqualTo("heard");
            threads.shutdownNow();
            assertThat(first).isNotNull();
        }
    }

    @Test
    void connectionOfHttp2ThatIsSlowCarriesFurtherCalls() throws Exception {
        try (TestServer server = TestServer.tls(true, Duration.ofSeconds(4));
                Transport transport = Transport.start(TestServer.trust(), Duration.ofSeconds(2));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpReply> slow =
                    threads.submit(() -> transport.send(call(server.url(), "slow")));
            await().pollDelay(Duration.ofSeconds(3)).until(() -> true);

            assertThat(text(transport.send(call(server.url(), "next")))).isEqualTo("next");
            assertThat(text(slow.get())).isEqualTo("slow");
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void strangerIsNotTrusted() throws Exception {
        try (TestServer server = TestServer.tls(true, Duration.ZERO);
                Transport transport = Transport.start()) {
            assertThatThrownBy(() -> transport.send(call(server.url(), "hello")))
                    .isInstanceOf(NotSentException.class)
                    .hasCauseInstanceOf(SSLException.class);
        }
    }

    @Test
    void thousandsOfCallsAreOpenAtOnceAndTheirConnectionsAreReused() throws Exception {
        int calls = 2_000;
        try (TestServer server = TestServer.plain(Duration.ofSeconds(1), IDLE);
                Transport transport = Transport.start()) {
            all(calls, () -> transport.send(call(server.url(), "x")));
            int connections = server.connections();
            all(calls / 2, () -> transport.send(call(server.url(), "x")));

            assertThat(server.connections()).isEqualTo(connections);
        }
    }

    @Test
    void oneConnectionOfHttp2CarriesManyCalls() throws Exception {
        try (TestServer server = TestServer.tls(true, Duration.ofMillis(300));
                Transport transport = Transport.start(TestServer.trust(), IDLE)) {
            assertThat(text(transport.send(call(server.url(), "first")))).isEqualTo("first");
            all(50, () -> transport.send(call(server.url(), "x")));

            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void serverThatClosesConnectionsCostsNoCall() throws Exception {
        try (TestServer server = TestServer.plain(Duration.ZERO, Duration.ofMillis(150));
                Transport transport = Transport.start()) {
            for (int i = 0; i < 3; i++) {
                int before = server.connections();
                all(20, () -> transport.send(call(server.url(), "x")));
                assertThat(server.connections()).isGreaterThan(before);
                await().until(() -> server.open() == 0);
            }
        }
    }

    @Test
    void interruptCancelsTheCallAtOnce() throws Exception {
        try (TestServer server = TestServer.plain(Duration.ofSeconds(30), IDLE);
                Transport transport = Transport.start()) {
            AtomicReference<Throwable> ended = new AtomicReference<>();
            CountDownLatch gone = new CountDownLatch(1);
            Thread caller =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    var _ = transport.send(call(server.url(), "x"));
                                } catch (IOException | InterruptedException e) {
                                    ended.set(e);
                                } finally {
                                    gone.countDown();
                                }
                            });
            await().until(() -> server.connections() == 1);
            caller.interrupt();

            assertThat(gone.await(1, TimeUnit.SECONDS)).isTrue();
            assertThat(ended.get()).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void lateAnswerIsATimeoutAndLateConnectionIsNotSent() throws Exception {
        try (TestServer server = TestServer.plain(Duration.ofSeconds(30), IDLE);
                Transport transport = Transport.start();
                ServerSocket full = new ServerSocket(0, 1)) {
            Duration little = Duration.ofMillis(300);
            assertThatThrownBy(() -> transport.send(call(server.url(), "x", little)))
                    .isInstanceOf(SocketTimeoutException.class);

            // No thread accepts, and the backlog has room for two at most.
            URI busy = URI.create("http://localhost:" + full.getLocalPort());
            List<Class<?>> ends = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                try {
                    var _ = transport.send(call(busy, "x", little));
                } catch (IOException e) {
                    ends.add(e.getClass());
                }
            }
            assertThat(ends).hasSize(6).contains(NotSentException.class);
        }
    }

    @Test
    void proxyOfTheJvmIsUsed() throws Exception {
        ProxySelector before = ProxySelector.getDefault();
        try (TestServer proxy = TestServer.plain(Duration.ZERO, IDLE);
                Transport transport = Transport.start()) {
            ProxySelector.setDefault(always(proxy.url()));
            URI elsewhere = URI.create("http://model.invalid/v1");

            assertThat(text(transport.send(call(elsewhere, "through")))).isEqualTo("through");
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    @Test
    void tunnelToAServerWithoutAHandshakeIsClosed() throws Exception {
        ProxySelector before = ProxySelector.getDefault();
        CountDownLatch closed = new CountDownLatch(1);
        try (RawServer proxy =
                        RawServer.answering((socket, _, _) -> {
                            RawServer.write(socket, "HTTP/1.1 200 OK\r\n\r\n");
                            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                            closed.countDown();
                        });
                Transport transport =
                        Transport.start(
                                TestServer.trust(), Duration.ofMillis(500), IDLE, Map.of())) {
            ProxySelector.setDefault(always(proxy.url()));
            HttpCall call = call(URI.create("https://model.invalid/v1"), "x");

            assertThatThrownBy(() -> transport.send(call)).isInstanceOf(NotSentException.class);
            assertThat(closed.await(1, TimeUnit.SECONDS)).isTrue();
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    @Test
    void callsDuringTheProxySelectionUseTheProxy() throws Exception {
        ProxySelector before = ProxySelector.getDefault();
        try (TestServer proxy = TestServer.plain(Duration.ZERO, IDLE);
                Transport transport = Transport.start()) {
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            ProxySelector.setDefault(
                    selector(
                            proxy.url(),
                            () -> {
                                asked.countDown();
                                return goOn.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                            }));
            URI elsewhere = URI.create("http://model.invalid/v1");
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<HttpReply> one = threads.submit(() -> transport.send(call(elsewhere, "1")));
                asked.await();
                Thread[] waits = new Thread[1];
                Future<HttpReply> other =
                        threads.submit(() -> {
                            waits[0] = Thread.currentThread();
                            return transport.send(call(elsewhere, "2"));
                        });
                await().until(() -> other.isDone() || isBlocked(waits[0]));
                goOn.countDown();

                assertThat(text(other.get())).isEqualTo("2");
                assertThat(text(one.get())).isEqualTo("1");
            }
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    private static boolean isBlocked(Thread thread) {
        return thread != null
                && thread.getState() != Thread.State.RUNNABLE
                && thread.getState() != Thread.State.NEW;
    }

    private static ProxySelector always(URI proxy) {
        return selector(proxy, () -> true);
    }

    private static ProxySelector selector(URI proxy, Callable<Boolean> before) {
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                try {
                    assertThat(before.call()).isTrue();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                return List.of(
                        new Proxy(
                                Proxy.Type.HTTP,
                                new InetSocketAddress(proxy.getHost(), proxy.getPort())));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException e) {
                throw new AssertionError(e);
            }
        };
    }

    private static void all(int calls, Callable<HttpReply> call) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpReply>> replies = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                replies.add(threads.submit(call));
            }
            for (Future<HttpReply> reply : replies) {
                assertThat(reply.get().status()).isEqualTo(200);
            }
        }
    }

    private static HttpCall call(URI target, String body) {
        return call(target, body, PATIENCE);
    }

    private static HttpCall call(URI target, String body, Duration timeout) {
        return new HttpCall(
                target,
                Map.of("Accept", "text/plain"),
                body.getBytes(StandardCharsets.UTF_8),
                timeout);
    }

    private static String text(HttpReply reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }
}
