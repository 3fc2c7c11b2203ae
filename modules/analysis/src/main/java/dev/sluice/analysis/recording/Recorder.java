package dev.sluice.analysis.recording;

import dev.sluice.analysis.concurrent.Mutex;
import dev.sluice.analysis.recording.Exchange.Failure;
import dev.sluice.analysis.transport.HttpCall;
import dev.sluice.analysis.transport.HttpReply;
import dev.sluice.analysis.transport.HttpSender;
import dev.sluice.analysis.transport.NotSentException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** Sends calls, and records what came of them. Safe for use by many threads. */
public final class Recorder implements HttpSender {
    private final HttpSender sender;
    private final Recordings recordings;
    private final InstantSource clock;
    private final Mutex mutex = new Mutex();

    public Recorder(HttpSender sender, Recordings recordings, InstantSource clock) {
        this.sender = sender;
        this.recordings = recordings;
        this.clock = clock;
    }

    /**
     * @throws UncheckedIOException if a recording cannot be written: the answer is paid, and asking
     *     again would not help
     */
    @Override
    public HttpReply send(HttpCall call) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        Scrubber scrubber = Scrubber.of(call.headers());
        HttpReply reply;
        try {
            reply = sender.send(call);
        } catch (IOException e) {
            record(call, scrubber, Optional.empty(), Optional.of(failure(e)), begun);
            throw e;
        }
        record(
                call,
                scrubber,
                Optional.of(
                        new Exchange.Reply(
                                reply.status(),
                                scrubber.headers(reply.headers()::value),
                                text(scrubber.body(utf8(reply.body()))))),
                Optional.empty(),
                begun);
        return reply;
    }

    private static Failure failure(IOException failure) {
        return switch (failure) {
            case NotSentException _ -> Failure.NOT_SENT;
            case SocketTimeoutException _ -> Failure.TIMEOUT;
            default -> Failure.LOST;
        };
    }

    private void record(
            HttpCall call,
            Scrubber scrubber,
            Optional<Exchange.Reply> reply,
            Optional<Failure> failure,
            long begun) {
        Exchange exchange =
                new Exchange(
                        call.target().getPath(),
                        scrubber.body(utf8(call.json())),
                        reply,
                        failure,
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun),
                        clock.instant());
        try (Mutex.Held _ = mutex.hold()) {
            recordings.add(exchange);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a recording", e);
        }
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A body as it is sent: an object as JSON, anything else as its text. */
    private static String text(JsonNode body) {
        return body.isString() ? body.asString() : body.toString();
    }
}
