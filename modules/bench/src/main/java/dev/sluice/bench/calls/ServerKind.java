package dev.sluice.bench.calls;

import dev.sluice.bench.measure.Core;
import dev.sluice.bench.measure.StubServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The kinds of server that receive the calls. */
enum ServerKind {
    /** HTTP/1.1 without TLS, on one thread. */
    PLAIN,
    /** HTTP/1.1 without TLS; closes each connection after ten replies. */
    CLOSING,
    /** HTTP/1.1 over TLS 1.3. */
    TLS,
    /** HTTP/2 over TLS 1.3, for clients that support it. */
    HTTP2;

    private static final String DELAY = "1000";
    private static final String REPLIES = "10";

    /** Seconds until this many calls are open: a handshake costs about a millisecond. */
    int openingSeconds(int calls) {
        return switch (this) {
            case PLAIN, CLOSING -> 8;
            case TLS, HTTP2 -> 8 + calls / 250;
        };
    }

    Core.Running start(Path store) throws IOException {
        return switch (this) {
            case PLAIN -> Core.SERVER.start(StubServer.class, List.of(), List.of(DELAY, "false"));
            case CLOSING ->
                    Core.SERVER.start(
                            StubServer.class,
                            List.of("-D" + StubServer.CLOSES_AFTER + "=" + REPLIES),
                            List.of(DELAY, "false"));
            case TLS, HTTP2 ->
                    Core.SERVER.start(
                            TlsServer.class,
                            List.of(),
                            List.of(DELAY, store.toString(), String.valueOf(this == HTTP2)));
        };
    }

    String url(Core.Running server) {
        return switch (this) {
            case PLAIN, CLOSING -> "http://127.0.0.1:" + server.first();
            case TLS, HTTP2 -> "https://localhost:" + server.first();
        };
    }
}
