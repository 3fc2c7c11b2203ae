package dev.sluice.app.cli;

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
 * What the files that are analysed wait for. Each is analysed on a thread of its own, which is how
 * they are told apart. Safe for use by many threads.
 */
final class Progress implements CallObserver {
    /** Shorter waits are not worth a line. */
    private static final Duration NOTABLE = Duration.ofSeconds(3);

    /** The same wait is told again after this. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private static final String ANSWER = "ANSWER";

    private final InstantSource clock;
    private final Map<Thread, Wait> waits = new ConcurrentHashMap<>();
    private final Map<String, Call> latest = new ConcurrentHashMap<>();
    private final Map<What, Instant> told = new HashMap<>();

    /** What somebody waits for. */
    private record What(String model, String reason) {}

    private record Wait(What what, Instant since) {}

    /**
     * @param clock that nobody sets
     */
    Progress(InstantSource clock) {
        this.clock = clock;
    }

    /** The file of this thread waits for a model's answer. */
    void asks(String model) {
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

    /** A thread has no more to do. */
    void ended(Thread thread) {
        waits.remove(thread);
    }

    /** Lines about waits that have become long and were not told of late. For one thread. */
    List<String> news() {
        Instant now = clock.instant();
        Map<What, Integer> files = new HashMap<>();
        waits.values().stream()
                .filter(wait -> isLong(wait.since(), now, NOTABLE))
                .forEach(wait -> files.merge(wait.what(), 1, Integer::sum));
        Map<String, String> lines = new TreeMap<>();
        files.forEach((what, count) -> {
            Instant before = told.get(what);
            if (before == null || isLong(before, now, AGAIN)) {
                told.put(what, now);
                lines.put(what.model() + what.reason(), line(what, count));
            }
        });
        return new ArrayList<>(lines.values());
    }

    private void begin(String model, String reason) {
        What what = new What(model, reason);
        Instant now = clock.instant();
        waits.merge(
                Thread.currentThread(),
                new Wait(what, now),
                (before, begun) -> before.what().equals(what) ? before : begun);
    }

    private static boolean isLong(Instant since, Instant now, Duration time) {
        return Duration.between(since, now).compareTo(time) > 0;
    }

    private String line(What what, int files) {
        return "waiting for "
                + what.model()
                + " ("
                + files
                + (files == 1 ? " file): " : " files): ")
                + words(what.reason())
                + last(what.model());
    }

    private static String words(String reason) {
        return switch (reason) {
            case ANSWER -> "no answer yet";
            case "QUOTA" -> "its limit of requests or tokens a minute is used up";
            case "MAX_CALLS" -> "max-calls-per-second is reached";
            case "THROTTLED" -> "the provider turned a call away and asked to wait";
            case "PAUSED" -> "the provider takes no calls";
            case "BREAKER_OPEN" -> "calls fail, it is tried again in a while";
            case "BACKOFF" -> "a call failed and is tried again";
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
