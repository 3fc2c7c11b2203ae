package dev.sluice.analysis.transport;

import static dev.sluice.analysis.transport.RawServer.ok;
import static dev.sluice.analysis.transport.RawServer.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers and proxies with unusual or invalid behaviour. */
@Timeout(30)
class UnusualServersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 102 Processing\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
                "HTTP/1.1 199 Something\r\n\r\n",
            })
    void interimAnswersAreSkipped(String interim) throws Exception {
        try (RawServer server =
                        RawServer.answering(
                                (socket, body, _) -> write(socket, interim + ok(body)));
                Transport transport = Transport.start()) {
            assertThat(text(transport.send(call(server.url(), "one")))).isEqualTo("one");
            assertThat(text(transport.send(call(server.url(), "two")))).isEqualTo("two");
        }
    }

    @Test
    void interimAnswerWithoutAnEndIsATimeout() throws Exception {
        try (RawServer server =
                        RawServer.answering((socket, _, _) ->
                                write(socket, "HTTP/1.1 102 Processing\r\n\r\n"));
                Transport transport = Transport.start()) {
            assertThatThrownBy(
                            () -> transport.send(call(server.url(), "x", Duration.ofMillis(300))))
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void slowlyDrippingAnswerEndsWithItsTimeout() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (RawServer server =
                        RawServer.answering((socket, _, _) -> {
                            write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
                            while (!over.await(20, TimeUnit.MILLISECONDS)) {
                                write(socket, "x");
                            }
                        });
                Transport transport = Transport.start()) {
            assertThatThrownBy(
                            () -> transport.send(call(server.url(), "x", Duration.ofMillis(300))))
                    .isInstanceOf(SocketTimeoutException.class);
            over.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip", "deflate", "raw deflate", "identity", "gzip, gzip"})
    void compressedAnswerIsRead(String encoding) throws Exception {
        byte[] body = encoded("the answer", encoding);
        String name = encoding.replace("raw ", "");
        try (RawServer server =
                        RawServer.answering(
                                (socket, _, _) -> write(socket, compressed(body, name)));
                Transport transport = Transport.start()) {
            assertThat(text(transport.send(call(server.url(), "x")))).isEqualTo("the answer");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip", "nonsense"})
    void unknownCompressionIsReportedByName(String encoding) throws Exception {
        byte[] body = "not compressed at all".getBytes(StandardCharsets.UTF_8);
        try (RawServer server =
                        RawServer.answering(
                                (socket, _, _) -> write(socket, compressed(body, encoding)));
                Transport transport = Transport.start()) {
            assertThatThrownBy(() -> transport.send(call(server.url(), "x")))
                    .isInstanceOf(UnknownEncodingException.class)
                    .hasMessageContaining("'" + encoding + "'");
        }
    }

    @Test
    void decompressionBombIsCutOff() throws Exception {
        byte[] bomb = encoded("x".repeat(Transport.MAX_ANSWER_BYTES + 1), "gzip");
        assertThat(bomb.length).isLessThan(100_000);
        try (RawServer server =
                        RawServer.answering(
                                (socket, _, _) -> write(socket, compressed(bomb, "gzip")));
                Transport transport = Transport.start()) {
            assertThatThrownBy(() -> transport.send(call(server.url(), "x")))
                    .isInstanceOf(AnswerTooLargeException.class);
        }
    }

    /** The answer could belong to another caller. */
    @Test
    void unrequestedAnswerIsDiscarded() throws Exception {
        try (RawServer server =
                        RawServer.answering((socket, body, number) ->
                                write(
                                        socket,
                                        number == 1
                                                ? ok(body) + ok("somebody else's")
                                                : ok(body)));
                Transport transport = Transport.start()) {
            for (int i = 0; i < 20; i++) {
                assertThat(text(transport.send(call(server.url(), "mine " + i))))
                        .isEqualTo("mine " + i);
            }
            assertThat(server.connections()).isGreaterThan(10);
        }
    }

    @Test
    void partOfAnUnrequestedAnswerAffectsNoOther() throws Exception {
        try (RawServer server =
                        RawServer.answering((socket, body, number) -> {
                            String surplus = ok("somebody else's");
                            write(
                                    socket,
                                    number == 1
                                            ? ok(body) + surplus.substring(0, 30)
                                            : surplus.substring(30) + ok(body));
                        });
                Transport transport = Transport.start()) {
            for (int i = 0; i < 10; i++) {
                assertThat(text(transport.send(call(server.url(), "mine " + i))))
                        .isEqualTo("mine " + i);
            }
        }
    }

    @Test
    void unrequestedAnswerClosesAnIdleConnection() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        try (RawServer server =
                        RawServer.answering((socket, body, _) -> {
                            write(socket, ok(body));
                            if (body.equals("one")) {
                                answered.await();
                                write(socket, ok("somebody else's"));
                                gone.countDown();
                            }
                        });
                Transport transport = Transport.start()) {
            assertThat(text(transport.send(call(server.url(), "one")))).isEqualTo("one");
            answered.countDown();
            gone.await();
            await().until(() -> transport.openConnections() == 0);

            assertThat(text(transport.send(call(server.url(), "two")))).isEqualTo("two");
        }
    }

    /** Like a load balancer that drops idle connections and resets them on the next bytes. */
    @Test
    void serverThatDropsIdleConnectionsCostsOnlyOneCall() throws Exception {
        int lost = 0;
        try (RawServer server =
                        RawServer.answering((socket, body, number) -> {
                            if (number > 1) {
                                reset(socket);
                            } else {
                                write(socket, ok(body));
                            }
                        });
                Transport transport = Transport.start()) {
            for (int i = 0; i < 8; i++) {
                try {
                    assertThat(text(transport.send(call(server.url(), "x")))).isEqualTo("x");
                } catch (IOException e) {
                    lost++;
                }
                await().pollDelay(Duration.ofMillis(300)).until(() -> true);
            }
        }

        assertThat(lost).isLessThanOrEqualTo(2);
    }

    @Test
    void announcedLengthTakesNoMemoryBeforeTheBytesArrive() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        int calls = 200;
        try (RawServer server =
                        RawServer.answering((socket, _, _) -> {
                            write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 16000000\r\n\r\nx");
                            over.await();
                        });
                Transport transport = Transport.start()) {
            for (int i = 0; i < calls; i++) {
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                var _ = transport.send(call(server.url(), "x"));
                            } catch (IOException | InterruptedException e) {
                                // The test is over.
                            }
                        });
            }
            await().until(() -> transport.answerBytes() >= calls);
            assertThat(transport.answerBytes()).isLessThan(calls * 8_192L);
            over.countDown();
        }
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static String compressed(byte[] body, String encoding) {
        return "HTTP/1.1 200 OK\r\nContent-Encoding: "
                + encoding
                + "\r\nContent-Length: "
                + body.length
                + "\r\n\r\n"
                + new String(body, StandardCharsets.ISO_8859_1);
    }

    private static byte[] encoded(String text, String encoding) throws IOException {
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        return switch (encoding) {
            case "identity" -> plain;
            case "gzip, gzip" -> gzipped(gzipped(plain));
            case "deflate" -> deflated(plain, false);
            case "raw deflate" -> deflated(plain, true);
            default -> gzipped(plain);
        };
    }

    private static byte[] gzipped(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    private static byte[] deflated(byte[] plain, boolean raw) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out =
                new DeflaterOutputStream(bytes, new Deflater(Deflater.DEFAULT_COMPRESSION, raw))) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    private static HttpCall call(URI target, String body) {
        return call(target, body, PATIENCE);
    }

    private static HttpCall call(URI target, String body, Duration timeout) {
        return new HttpCall(target, Map.of(), body.getBytes(StandardCharsets.UTF_8), timeout);
    }

    private static String text(HttpReply reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }
}
