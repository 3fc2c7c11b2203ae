package dev.sluice.app.console;

import dev.sluice.analysis.concurrent.Mutex;
import dev.sluice.runtime.kafka.ThrottledLog;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
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

    /** The open consoles, the oldest first; guarded by {@link #mutex}. */
    private final List<Viewer> viewers = new ArrayList<>();

    private final Mutex mutex = new Mutex();
    private final ThrottledLog unshown = new ThrottledLog(Instant::now);
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
                        () -> console.guarded(console::step),
                        0,
                        STEP.toMillis(),
                        TimeUnit.MILLISECONDS);
        return console;
    }

    /**
     * Why a viewer is not shown the ids of requests and users, which are users' data.
     *
     * @param tokenHelps whether a token would change that
     */
    public record IdsHidden(String why, boolean tokenHelps) {}

    /** What an event shows. */
    private record Extent(Optional<IdsHidden> hidden, boolean withHistory) {}

    /**
     * Sends events as the response until its reader is gone or this console is closed. Who may see
     * ids takes the place of who may not, if there is no room.
     *
     * @param hidden empty if the viewer is shown ids
     * @return false, with the response untouched, if there is no room
     */
    public boolean follow(Response response, Callback callback, Optional<IdsHidden> hidden) {
        Viewer viewer = new Viewer(response, callback, hidden, this::forget);
        Optional<Viewer> leaving = Optional.empty();
        try (var _ = mutex.hold()) {
            if (viewers.size() >= MOST_VIEWERS) {
                leaving = hidden.isEmpty() ? oldestWithoutIds() : Optional.empty();
                if (leaving.isEmpty()) {
                    return false;
                }
                viewers.remove(leaving.get());
            }
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream; charset=utf-8");
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
            response.getHeaders().put("X-Content-Type-Options", "nosniff");
            // A proxy in between must not hold events back.
            response.getHeaders().put("X-Accel-Buffering", "no");
            viewers.add(viewer);
        }
        leaving.ifPresent(Viewer::end);
        try {
            clock.execute(() -> guarded(() -> send(List.of(viewer))));
        } catch (RejectedExecutionException closed) {
            viewer.end();
        }
        return true;
    }

    private Optional<Viewer> oldestWithoutIds() {
        return viewers.stream().filter(viewer -> viewer.hidden().isPresent()).findFirst();
    }

    private void forget(Viewer viewer) {
        try (var _ = mutex.hold()) {
            viewers.remove(viewer);
        }
    }

    private List<Viewer> viewers() {
        try (var _ = mutex.hold()) {
            return List.copyOf(viewers);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        viewers().forEach(Viewer::end);
    }

    /** An exception must not end the schedule. */
    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            if (unshown.isDue()) {
                log.atError().setCause(e).log("a bug: the console has no state to show");
            }
            viewers().forEach(Viewer::end);
        }
    }

    private void step() {
        List<Viewer> open = viewers();
        if (steps++ % SAMPLE_STEPS == 0) {
            history.sample(Instant.now());
            open.forEach(Viewer::needHistory);
        }
        send(open);
    }

    private void send(List<Viewer> to) {
        Map<Extent, ByteBuffer> events = new HashMap<>();
        for (Viewer viewer : to) {
            if (viewer.isReady()) {
                Extent extent = new Extent(viewer.hidden(), viewer.lacksHistory());
                viewer.send(events.computeIfAbsent(extent, this::event));
            }
        }
    }

    private ByteBuffer event(Extent extent) {
        ObjectNode json = state.json(extent.hidden().isEmpty());
        extent.hidden()
                .ifPresent(hidden ->
                        json.putObject("idsHidden")
                                .put("why", hidden.why())
                                .put("tokenHelps", hidden.tokenHelps()));
        if (extent.withHistory()) {
            json.set("history", history.json());
        }
        return ByteBuffer.wrap(("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8))
                .asReadOnlyBuffer();
    }
}
