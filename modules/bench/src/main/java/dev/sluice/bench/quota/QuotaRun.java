package dev.sluice.bench.quota;

import dev.sluice.bench.measure.Meter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs one way to keep to a rate limit in a process of its own. */
public final class QuotaRun {
    private QuotaRun() {}

    /** Arguments: caller, address, tokens per minute, seconds to warm up, seconds to measure. */
    public static void main(String[] arguments) throws Exception {
        URI provider = URI.create(arguments[1]);
        long tokensPerMinute = Long.parseLong(arguments[2]);
        int warmUp = Integer.parseInt(arguments[3]);
        int seconds = Integer.parseInt(arguments[4]);
        Caller caller = Caller.valueOf(arguments[0]);
        Caller.Calls calls = caller.connect(provider, tokensPerMinute);
        for (int i = 0; i < caller.threads(); i++) {
            Random random = new Random(i);
            var _ = Thread.ofVirtual().start(() -> loop(calls, random));
        }
        TimeUnit.SECONDS.sleep(warmUp);
        JsonNode before = standing(provider);
        Duration cpu = Meter.cpu();
        long from = System.nanoTime();
        // Two rebalances: a worker leaves and returns.
        TimeUnit.MILLISECONDS.sleep(seconds * 1_000L / 3);
        calls.shares(List.of(0.5, 0.5, 0.0));
        TimeUnit.MILLISECONDS.sleep(seconds * 1_000L / 3);
        calls.shares(List.of(1.0 / 3, 1.0 / 3, 1.0 / 3));
        TimeUnit.NANOSECONDS.sleep(seconds * 1_000_000_000L - (System.nanoTime() - from));
        JsonNode after = standing(provider);
        double elapsed = (System.nanoTime() - from) / 1e9;
        double possible = tokensPerMinute / 60.0 * elapsed;
        double used = number(after, "tokensUsed") - number(before, "tokensUsed");
        double requests = number(after, "requests") - number(before, "requests");
        double turnedAway = number(after, "turnedAway") - number(before, "turnedAway");
        System.out.printf(
                "%.3f of the limit  %.3f %% turned away  %.0f requests a second  %.0f µs CPU each  %s%n",
                used / possible,
                100 * turnedAway / requests,
                requests / elapsed,
                Meter.cpu().minus(cpu).toNanos() / 1e3 / requests,
                calls.learned());
        System.exit(0);
    }

    private static void loop(Caller.Calls calls, Random random) {
        try {
            while (true) {
                calls.call(Caller.request(random));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            System.err.println(e);
        }
    }

    private static JsonNode standing(URI provider) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return JsonMapper.shared()
                    .readTree(
                            http.send(
                                            HttpRequest.newBuilder(provider.resolve("/quota"))
                                                    .build(),
                                            HttpResponse.BodyHandlers.ofString())
                                    .body());
        }
    }

    private static double number(JsonNode node, String field) {
        return node.path(field).asDouble();
    }
}
