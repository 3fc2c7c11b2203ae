package dev.sluice.app.console;

import dev.sluice.app.console.Console.IdsHidden;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * An open console. A slow one misses events; the next one says everything again. Events are sent by
 * one thread.
 */
final class Viewer implements Callback {
    private final Response response;
    private final Callback callback;
    private final Optional<IdsHidden> hidden;
    private final Consumer<Viewer> whenGone;
    private volatile boolean writing;
    private volatile boolean lacksHistory = true;

    Viewer(
            Response response,
            Callback callback,
            Optional<IdsHidden> hidden,
            Consumer<Viewer> whenGone) {
        this.response = response;
        this.callback = callback;
        this.hidden = hidden;
        this.whenGone = whenGone;
    }

    /** Why ids are not shown; empty if they are. */
    Optional<IdsHidden> hidden() {
        return hidden;
    }

    /** Whether the history has a point that was not sent. */
    boolean lacksHistory() {
        return lacksHistory;
    }

    void needHistory() {
        lacksHistory = true;
    }

    /** Whether the last event has been written. */
    boolean isReady() {
        return !writing;
    }

    void send(ByteBuffer event) {
        writing = true;
        lacksHistory = false;
        response.write(false, event.slice(), this);
    }

    /** Ends the response. */
    void end() {
        whenGone.accept(this);
        callback.succeeded();
    }

    @Override
    public void succeeded() {
        writing = false;
    }

    /** The reader is gone. */
    @Override
    public void failed(Throwable cause) {
        whenGone.accept(this);
        callback.failed(cause);
    }
}
