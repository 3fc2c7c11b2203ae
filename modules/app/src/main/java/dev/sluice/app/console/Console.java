package dev.sluice.app.console;

import static java.util.stream.Collectors.groupingBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends the state of this process to the open consoles, as server-sent events, every second. While
 * none is open it only samples its history.
 */
public final class Console implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Console.class);

    /** Most consoles that are open at once. */
    public static final int MOST_VIEWERS = 16;

    private static final Duration STEP = Duration.ofSeconds(1);

    /** Steps from one sample of the history to the next. */
    private static final int SAMPLE_STEPS = 5;

    private final ConsoleState state;
    private final ConsoleHistory history;
    private final Set<Viewer> viewers = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("console").factory());
    private int steps;

    private Console(ConsoleState state, ConsoleHistory history) {
        this.state = state;
        this.history = history;
    }

    public static Console start(ConsoleState state, ConsoleHistory history) {
        Console console = new Console(state, history);
        var _ =
                console.clock.scheduleWithFixedDelay(
                        console::step, 0, STEP.toMillis(), TimeUnit.MILLISECONDS);
        return console;
    }

    /** Whether another console may be opened. */
    public boolean hasRoom() {
        return viewers.size() < MOST_VIEWERS;
    }

    /**
     * Why a viewer is not shown the ids of requests and users, which are users' data.
     *
     * @param tokenHelps whether a token would change that
     */
    public record IdsHidden(String why, boolean tokenHelps) {}

    /**
     * Sends events as the response until its reader is gone or this console is closed.
     *
     * @param hidden empty if the viewer is shown ids
     */
    public void follow(Response response, Callback callback, Optional<IdsHidden> hidden) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream; charset=utf-8");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        // A proxy in between must not hold events back.
        response.getHeaders().put("X-Accel-Buffering", "no");
        viewers.add(new Viewer(response, callback, hidden));
        clock.execute(this::send);
    }

    @Override
    public void close() {
        clock.shutdownNow();
        viewers.forEach(Viewer::end);
    }

    private void step() {
        if (steps++ % SAMPLE_STEPS == 0) {
            history.sample(Instant.now());
            viewers.forEach(viewer -> viewer.lacksHistory = true);
        }
        send();
    }

    private void send() {
        if (viewers.isEmpty()) {
            return;
        }
        try {
            viewers.stream().collect(groupingBy(viewer -> viewer.hidden)).forEach(this::send);
        } catch (RuntimeException e) {
            // An exception would end the schedule.
            log.atWarn().setCause(e).log("the console has no state to show");
        }
    }

    private void send(Optional<IdsHidden> hidden, List<Viewer> to) {
        ObjectNode json = state.json(hidden.isEmpty());
        hidden.ifPresent(reason ->
                json.putObject("idsHidden")
                        .put("why", reason.why())
                        .put("tokenHelps", reason.tokenHelps()));
        ByteBuffer without = event(json);
        json.set("history", history.json());
        ByteBuffer with = event(json);
        to.forEach(viewer -> viewer.send(viewer.lacksHistory ? with : without));
    }

    private static ByteBuffer event(ObjectNode json) {
        return ByteBuffer.wrap(("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8))
                .asReadOnlyBuffer();
    }

    /** An open console. A slow one misses events; the next one says everything again. */
    private final class Viewer implements Callback {
        private final Response response;
        private final Callback callback;
        private final Optional<IdsHidden> hidden;
        private volatile boolean writing;
        private volatile boolean lacksHistory = true;

        Viewer(Response response, Callback callback, Optional<IdsHidden> hidden) {
            this.response = response;
            this.callback = callback;
            this.hidden = hidden;
        }

        /** Called by the console's thread only. */
        void send(ByteBuffer event) {
            if (!writing) {
                writing = true;
                lacksHistory = false;
                response.write(false, event.slice(), this);
            }
        }

        void end() {
            viewers.remove(this);
            callback.succeeded();
        }

        @Override
        public void succeeded() {
            writing = false;
        }

        /** The reader is gone. */
        @Override
        public void failed(Throwable cause) {
            viewers.remove(this);
            callback.failed(cause);
        }
    }
}
