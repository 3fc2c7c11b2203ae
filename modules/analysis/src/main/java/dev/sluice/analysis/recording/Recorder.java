package dev.sluice.analysis.recording;

import dev.sluice.analysis.concurrent.Mutex;
import dev.sluice.analysis.recording.Exchange.Failure;
import dev.sluice.analysis.transport.HttpCall;
import dev.sluice.analysis.transport.HttpReply;
import dev.sluice.analysis.transport.HttpSender;
import dev.sluice.analysis.transport.NotSentException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

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

    @Override
    public HttpReply send(HttpCall call) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        Scrubber scrubber = Scrubber.of(call.headers());
        try {
            HttpReply reply = sender.send(call);
            record(
                    call,
                    scrubber,
                    Optional.of(
                            new Exchange.Reply(
                                    reply.status(),
                                    scrubber.headers(reply.headers()::value),
                                    scrubber.text(
                                            new String(reply.body(), StandardCharsets.UTF_8)))),
                    Optional.empty(),
                    begun);
            return reply;
        } catch (NotSentException e) {
            record(call, scrubber, Optional.empty(), Optional.of(Failure.NOT_SENT), begun);
            throw e;
        } catch (SocketTimeoutException e) {
            record(call, scrubber, Optional.empty(), Optional.of(Failure.TIMEOUT), begun);
            throw e;
        } catch (IOException e) {
            record(call, scrubber, Optional.empty(), Optional.of(Failure.LOST), begun);
            throw e;
        }
    }

    private void record(
            HttpCall call,
            Scrubber scrubber,
            Optional<Exchange.Reply> reply,
            Optional<Failure> failure,
            long begun)
            throws IOException {
        Exchange exchange =
                new Exchange(
                        call.target().getPath(),
                        body(call, scrubber),
                        reply,
                        failure,
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun),
                        clock.instant());
        try (Mutex.Held _ = mutex.hold()) {
            recordings.add(exchange);
        }
    }

    /** The body of a call without secrets; the key is made of this. */
    static JsonNode body(HttpCall call, Scrubber scrubber) {
        String text = scrubber.text(new String(call.json(), StandardCharsets.UTF_8));
        try {
            return JsonMapper.shared().readTree(text);
        } catch (JacksonException e) {
            return JsonNodeFactory.instance.stringNode(text);
        }
    }
}
