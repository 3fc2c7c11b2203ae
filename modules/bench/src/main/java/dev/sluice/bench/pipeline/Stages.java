package dev.sluice.bench.pipeline;

import dev.sluice.contract.ModelCall;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/** Where the time between a request and its outcome goes, in milliseconds of the clock. */
final class Stages {
    private final Map<String, Marks> marks = new ConcurrentHashMap<>();

    /** When one request passed what. */
    private static final class Marks {
        private volatile long sent;
        private volatile long job;
        private volatile long callBegan;
        private volatile long callEnded;
        private volatile long outcome;

        boolean isWhole() {
            return sent > 0 && job > 0 && callBegan > 0 && outcome > 0;
        }
    }

    void sent(String requestId) {
        marks(requestId).sent = System.currentTimeMillis();
    }

    void jobReadable(String requestId) {
        marks(requestId).job = System.currentTimeMillis();
    }

    void called(ModelCall call) {
        Marks of = marks(call.getRequestId().toString());
        of.callBegan = call.getStartedAt().toEpochMilli();
        of.callEnded = of.callBegan + call.getDurationMillis();
    }

    void outcomeReadable(String requestId) {
        marks(requestId).outcome = System.currentTimeMillis();
    }

    /** Medians and 99th percentiles, in words. */
    @Override
    public String toString() {
        return String.format(
                "request to job %s, job to call %s, call to outcome %s",
                spread(mark -> mark.job - mark.sent),
                spread(mark -> mark.callBegan - mark.job),
                spread(mark -> mark.outcome - mark.callEnded));
    }

    private String spread(ToLongFunction<Marks> stage) {
        long[] millis =
                marks.values().stream().filter(Marks::isWhole).mapToLong(stage).sorted().toArray();
        return millis.length == 0
                ? "unknown"
                : millis[millis.length / 2] + " ms (p99 " + millis[millis.length * 99 / 100] + ")";
    }

    private Marks marks(String requestId) {
        return marks.computeIfAbsent(requestId, _ -> new Marks());
    }
}
