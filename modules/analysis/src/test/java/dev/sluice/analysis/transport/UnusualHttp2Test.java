package dev.sluice.analysis.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.api.server.ServerSessionListener;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.frames.SettingsFrame;
import org.eclipse.jetty.http2.server.RawHTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 servers with unusual but valid behaviour. */
@Timeout(30)
class UnusualHttp2Test {
    private final AtomicInteger calls = new AtomicInteger();

    /** Node's default sends no limit, other servers the largest number. */
    @ParameterizedTest
    @ValueSource(longs = {-1, 4_294_967_295L, 1})
    void serverThatSetsNoLimitOfStreamsGetsCalls(long limit) throws Exception {
        try (Http2Server server = new Http2Server(limit, UnusualHttp2Test::answer);
                Transport transport = Transport.start(TestServer.trust(), Duration.ofMinutes(1))) {
            for (HttpReply reply : send(transport, server.url(), 20)) {
                assertThat(reply.status()).isEqualTo(200);
            }
        }
    }

    @Test
    void interimAnswersAreSkipped() throws Exception {
        try (Http2Server server =
                        new Http2Server(
                                100,
                                stream ->
                                        headers(stream, 102, false)
                                                .thenRun(() -> headers(stream, 103, false))
                                                .thenRun(() -> answer(stream)));
                Transport transport = Transport.start(TestServer.trust(), Duration.ofMinutes(1))) {
            HttpReply reply = transport.send(call(server.url(), Duration.ofSeconds(5)));

            assertThat(reply.status()).isEqualTo(200);
            assertThat(new String(reply.body(), StandardCharsets.UTF_8)).isEqualTo("yes");
        }
    }

    /** RFC 9113, 8.7: the request was not processed. */
    @Test
    void streamThatIsRefusedWasNotSent() throws Exception {
        try (Http2Server server =
                        new Http2Server(
                                100,
                                stream ->
                                        stream.reset(
                                                new ResetFrame(
                                                        stream.getId(),
                                                        ErrorCode.REFUSED_STREAM_ERROR.code),
                                                Callback.NOOP));
                Transport transport = Transport.start(TestServer.trust(), Duration.ofMinutes(1))) {
            assertThatThrownBy(() -> transport.send(call(server.url(), Duration.ofSeconds(5))))
                    .isInstanceOf(NotSentException.class);
        }
    }

    /** RFC 9113, 6.8: streams above the last one that the server names were not processed. */
    @Test
    void callAboveTheLastStreamOfAGoAwayWasNotSent() throws Exception {
        try (Http2Server server =
                        new Http2Server(
                                100,
                                stream -> {
                                    if (calls.incrementAndGet() == 1) {
                                        answer(stream);
                                    } else {
                                        ((HTTP2Session) stream.getSession())
                                                .goAway(
                                                        new GoAwayFrame(
                                                                1,
                                                                ErrorCode.NO_ERROR.code,
                                                                new byte[0]),
                                                        Callback.NOOP);
                                    }
                                });
                Transport transport = Transport.start(TestServer.trust(), Duration.ofMinutes(1))) {
            assertThat(transport.send(call(server.url(), Duration.ofSeconds(5))).status())
                    .isEqualTo(200);

            assertThatThrownBy(() -> transport.send(call(server.url(), Duration.ofSeconds(5))))
                    .isInstanceOf(NotSentException.class);
        }
    }

    private static List<HttpReply> send(Transport transport, URI url, int number) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpReply>> futures = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                futures.add(threads.submit(() -> transport.send(call(url, Duration.ofSeconds(5)))));
            }
            List<HttpReply> replies = new ArrayList<>();
            for (Future<HttpReply> future : futures) {
                replies.add(future.get());
            }
            return replies;
        }
    }

    private static HttpCall call(URI url, Duration timeout) {
        return new HttpCall(url, Map.of(), "ask".getBytes(StandardCharsets.UTF_8), timeout);
    }

    private static void answer(Stream stream) {
        var _ =
                headers(stream, 200, false)
                        .thenRun(() ->
                                stream.data(
                                        new DataFrame(
                                                stream.getId(),
                                                ByteBuffer.wrap(
                                                        "yes".getBytes(StandardCharsets.UTF_8)),
                                                true),
                                        Callback.NOOP));
    }

    private static Callback.Completable headers(Stream stream, int status, boolean last) {
        Callback.Completable sent = new Callback.Completable();
        stream.headers(
                new HeadersFrame(
                        stream.getId(),
                        new MetaData.Response(status, null, HttpVersion.HTTP_2, HttpFields.EMPTY),
                        null,
                        last),
                sent);
        return sent;
    }

    /** Handling of one call. */
    private interface Answering {
        void answer(Stream stream);
    }

    private static final class Http2Server implements AutoCloseable {
        private final Server server = new Server();
        private final ServerConnector connector;

        Http2Server(long maxStreams, Answering answering) throws Exception {
            SslContextFactory.Server tls = new SslContextFactory.Server();
            tls.setKeyStorePath(TestServer.class.getResource("localhost.p12").toString());
            tls.setKeyStorePassword("secret");
            ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory("h2");
            RawHTTP2ServerConnectionFactory http2 =
                    new RawHTTP2ServerConnectionFactory(
                            new HttpConfiguration(),
                            new ServerSessionListener() {
                                @Override
                                public Map<Integer, Integer> onPreface(Session session) {
                                    return maxStreams < 0
                                            ? Map.of()
                                            : Map.of(
                                                    SettingsFrame.MAX_CONCURRENT_STREAMS,
                                                    (int) maxStreams);
                                }

                                @Override
                                public Stream.Listener onNewStream(
                                        Stream stream, HeadersFrame frame) {
                                    answering.answer(stream);
                                    return null;
                                }
                            });
            http2.setMaxConcurrentStreams(-1);
            connector =
                    new ServerConnector(
                            server, new SslConnectionFactory(tls, alpn.getProtocol()), alpn, http2);
            connector.setHost("127.0.0.1");
            server.addConnector(connector);
            server.start();
        }

        URI url() {
            return URI.create("https://localhost:" + connector.getLocalPort());
        }

        @Override
        public void close() {
            try {
                server.stop();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
