package dev.sluice.bench.pipeline;

import dev.sluice.contract.ModelCall;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * The time of each stage between a request and its outcome, in milliseconds of the system clock.
 * Kept in arrays of numbers, because an object per request would keep the load generator's garbage
 * collector busy during the measurement.
 */
final class Stages {
    private final String prefix;
    private final long[] sent;
    private final long[] job;
    private final long[] callBegan;
    private final long[] callEnded;
    private final long[] outcome;

    /**
     * Stages of requests whose ids are this prefix and a number.
     *
     * @param count number of requests
     */
    Stages(String prefix, int count) {
        this.prefix = prefix;
        this.sent = new long[count];
        this.job = new long[count];
        this.callBegan = new long[count];
        this.callEnded = new long[count];
        this.outcome = new long[count];
    }

    void sent(String requestId) {
        note(sent, requestId, System.currentTimeMillis());
    }

    void jobReadable(String requestId) {
        note(job, requestId, System.currentTimeMillis());
    }

    void called(ModelCall call) {
        String requestId = call.getRequestId().toString();
        long began = call.getStartedAt().toEpochMilli();
        note(callBegan, requestId, began);
        note(callEnded, requestId, began + call.getDurationMillis());
    }

    void outcomeReadable(String requestId) {
        note(outcome, requestId, System.currentTimeMillis());
    }

    /** The medians and 99th percentiles as text. */
    @Override
    public String toString() {
        return String.format(
                "request to job %s, job to call %s, call to outcome %s",
                spread(i -> job[i] - sent[i]),
                spread(i -> callBegan[i] - job[i]),
                spread(i -> outcome[i] - callEnded[i]));
    }

    private void note(long[] marks, String requestId, long millis) {
        if (requestId.startsWith(prefix)) {
            marks[Integer.parseInt(requestId, prefix.length(), requestId.length(), 10)] = millis;
        }
    }

    private String spread(IntToLongFunction stage) {
        long[] millis =
                IntStream.range(0, sent.length)
                        .filter(this::isWhole)
                        .mapToLong(stage)
                        .sorted()
                        .toArray();
        return millis.length == 0
                ? "unknown"
                : millis[millis.length / 2] + " ms (p99 " + millis[millis.length * 99 / 100] + ")";
    }

    private boolean isWhole(int request) {
        return sent[request] > 0
                && job[request] > 0
                && callBegan[request] > 0
                && outcome[request] > 0;
    }
}
