package dev.sluice.analysis.recording;

import dev.sluice.analysis.concurrent.Mutex;
import dev.sluice.analysis.transport.HttpCall;
import dev.sluice.analysis.transport.HttpReply;
import dev.sluice.analysis.transport.HttpSender;
import dev.sluice.analysis.transport.NotSentException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Answers calls from recordings, without a network and without waiting. The same request again gets
 * the next recording. Headers of rate limits and of waits are left out: nothing has to be paced. A
 * request that was not recorded, or not so often, fails, and is never sent. Safe for use by many
 * threads.
 */
public final class Replayer implements HttpSender {
    /** Most differences that are named of a request that was not recorded. */
    private static final int SHOWN = 3;

    private static final int LONGEST = 80;

    private static final String RATE_LIMIT = "ratelimit";
    private static final String RETRY = "retry-after";

    private final Recordings recordings;
    private final Mutex mutex = new Mutex();
    private final Map<String, Integer> next = new HashMap<>();
    private final List<String> misses = new ArrayList<>();

    public Replayer(Recordings recordings) {
        this.recordings = recordings;
    }

    /**
     * @throws MissingRecordingException if the request was not recorded; the message names the
     *     nearest one that was, and the difference
     */
    @Override
    public HttpReply send(HttpCall call) throws IOException {
        String path = call.target().getPath();
        JsonNode body =
                Scrubber.of(call.headers()).body(new String(call.json(), StandardCharsets.UTF_8));
        Exchange exchange = taken(RequestKey.of(path, body), path, body);
        if (exchange.failure().isPresent()) {
            throw switch (exchange.failure().get()) {
                case NOT_SENT -> new NotSentException("recorded", new IOException("recorded"));
                case TIMEOUT -> new SocketTimeoutException("no answer in time (recorded)");
                case LOST -> new IOException("the connection was lost (recorded)");
            };
        }
        Exchange.Reply reply = exchange.reply().orElseThrow();
        return new HttpReply(
                reply.status(),
                name ->
                        name.contains(RATE_LIMIT) || name.startsWith(RETRY)
                                ? Optional.empty()
                                : Optional.ofNullable(reply.headers().get(name)),
                reply.body().getBytes(StandardCharsets.UTF_8));
    }

    private Exchange taken(String key, String path, JsonNode body) {
        try (Mutex.Held _ = mutex.hold()) {
            List<Exchange> recorded = recordings.of(key);
            int number = next.merge(key, 1, Integer::sum);
            if (number > recorded.size()) {
                String miss =
                        recorded.isEmpty()
                                ? missing(path, body)
                                : "this request was recorded %d times, and asked once more"
                                        .formatted(recorded.size());
                misses.add(miss);
                throw new MissingRecordingException(miss);
            }
            return recorded.get(number - 1);
        }
    }

    /** What was asked for and is not recorded. */
    public List<String> misses() {
        try (Mutex.Held _ = mutex.hold()) {
            return List.copyOf(misses);
        }
    }

    private String missing(String path, JsonNode body) {
        return recordings.requests().stream()
                .filter(recorded -> recorded.path().equals(path))
                .map(recorded -> Differences.of(recorded.request(), body))
                .min(Comparator.comparingInt(List::size))
                .map(nearest ->
                        "this request was not recorded; the nearest recording differs in "
                                + shown(nearest))
                .orElse("this request was not recorded, and no other one of " + path);
    }

    private static String shown(List<Differences.Difference> differences) {
        List<String> words =
                new ArrayList<>(
                        differences.stream()
                                .limit(SHOWN)
                                .map(one ->
                                        one.path()
                                                + ": recorded "
                                                + cut(one.recorded())
                                                + ", asked "
                                                + cut(one.asked()))
                                .toList());
        if (differences.size() > SHOWN) {
            words.add("and " + (differences.size() - SHOWN) + " more");
        }
        return String.join("; ", words);
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
