package dev.sluice.app.cli.common;

import dev.sluice.analysis.TimedAnalyst;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallObserver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Shows which models the files or runs wait for, and why. Each is analysed on a thread of its own,
 * and waits are kept by thread. Thread-safe.
 */
public final class CallWaits implements CallObserver, TimedAnalyst.Watch {
    /** Shorter waits are not shown. */
    private static final Duration NOTABLE = Duration.ofSeconds(3);

    /** A wait is shown again after this time. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private static final String ANSWER = "ANSWER";

    private final InstantSource clock;
    private final String name;
    private final Map<Thread, Wait> waits = new ConcurrentHashMap<>();
    private final Map<String, Call> latest = new ConcurrentHashMap<>();
    private final Map<Cause, Instant> shown = new HashMap<>();

    /** The model that files wait for, and the reason. */
    private record Cause(String model, String reason) {}

    private record Wait(Cause cause, Instant since) {}

    /**
     * @param clock monotonic: not affected by changes of the system clock
     * @param name of what is analysed, in the singular, such as "file"
     */
    public CallWaits(InstantSource clock, String name) {
        this.clock = clock;
        this.name = name;
    }

    @Override
    public void asks(String model) {
        begin(model, ANSWER);
    }

    @Override
    public void waits(String model, String reason) {
        begin(model, reason);
    }

    @Override
    public void waited(String model, String reason, Duration time) {}

    @Override
    public void called(String analysis, Call call) {
        latest.put(call.deployment().model(), call);
        waits.remove(Thread.currentThread());
    }

    @Override
    public void ended(Thread thread) {
        waits.remove(thread);
    }

    /** One line for each long wait that was not shown recently. Confined to one thread. */
    public List<String> longWaits() {
        Instant now = clock.instant();
        Map<Cause, Integer> files = new HashMap<>();
        waits.values().stream()
                .filter(wait -> isLong(wait.since(), now, NOTABLE))
                .forEach(wait -> files.merge(wait.cause(), 1, Integer::sum));
        Map<String, String> lines = new TreeMap<>();
        files.forEach((cause, count) -> {
            Instant before = shown.get(cause);
            if (before == null || isLong(before, now, AGAIN)) {
                shown.put(cause, now);
                lines.put(cause.model() + cause.reason(), line(cause, count));
            }
        });
        return new ArrayList<>(lines.values());
    }

    private void begin(String model, String reason) {
        Cause cause = new Cause(model, reason);
        Instant now = clock.instant();
        waits.merge(
                Thread.currentThread(),
                new Wait(cause, now),
                (before, begun) -> before.cause().equals(cause) ? before : begun);
    }

    private static boolean isLong(Instant since, Instant now, Duration time) {
        return Duration.between(since, now).compareTo(time) > 0;
    }

    private String line(Cause cause, int files) {
        return "waiting for "
                + cause.model()
                + " ("
                + files
                + (files == 1 ? " " + name + "): " : " " + name + "s): ")
                + words(cause.reason())
                + last(cause.model());
    }

    private static String words(String reason) {
        return switch (reason) {
            case ANSWER -> "no answer yet";
            case "QUOTA" -> "its limit of requests or tokens a minute is used up";
            case "MAX_CALLS" -> "max-calls-per-second is reached";
            case "THROTTLED" -> "the provider rejected a call and asked to wait";
            case "PAUSED" -> "the provider takes no calls";
            case "BREAKER_OPEN" -> "calls fail, so the circuit breaker is open and calls pause";
            case "BACKOFF" -> "a call failed and will be repeated";
            default -> reason;
        };
    }

    private String last(String model) {
        Call call = latest.get(model);
        if (call == null) {
            return "";
        }
        OptionalInt status = call.ending().httpStatus();
        return "; the last call ended "
                + call.ending().status()
                + (status.isPresent() ? ", HTTP " + status.getAsInt() : "");
    }
}
