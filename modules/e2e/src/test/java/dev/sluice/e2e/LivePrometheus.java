package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Prometheus server with the project's rules, in which half a second stands for a minute: all
 * times of the rules are 120 times shorter.
 */
final class LivePrometheus implements AutoCloseable {
    private static final Path RULES = Path.of("../../helm/sluice/files");
    private static final int FASTER = 120;

    /** Durations in ranges, in {@code offset} and in {@code for} and {@code interval}. */
    private static final Pattern TIME =
            Pattern.compile("(?<=[\\[:]|offset |for: |interval: )(\\d+)([smhd])(?=[\\]:\\s]|$)");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final URI address;
    private final Path targets;

    private LivePrometheus(Process process, URI address, Path targets) {
        this.process = process;
        this.address = address;
        this.targets = targets;
    }

    /**
     * A firing alert.
     *
     * @param texts its annotations
     */
    record Alert(Map<String, String> labels, Map<String, String> texts) {
        String name() {
            return labels.getOrDefault("alertname", "");
        }
    }

    /** Starts the server; the test is skipped if none is installed. */
    static LivePrometheus start(Path folder) throws IOException {
        Path rules = Files.createDirectories(folder.resolve("rules"));
        List<Path> files = new ArrayList<>();
        for (String kind : List.of("rules", "alerts")) {
            try (Stream<Path> all = Files.list(RULES.resolve(kind))) {
                files.addAll(all.toList());
            }
        }
        for (Path file : files) {
            String name = file.getParent().getFileName() + "-" + file.getFileName();
            Files.writeString(rules.resolve(name), faster(Files.readString(file)));
        }
        Path targets = folder.resolve("targets.json");
        Files.writeString(targets, "[]");
        Path config = folder.resolve("prometheus.yml");
        Files.writeString(
                config,
                """
                global: {scrape_interval: 500ms, evaluation_interval: 500ms}
                rule_files: ["%s/*.yaml"]
                scrape_configs:
                  - job_name: sluice
                    file_sd_configs: [{files: ["%s"], refresh_interval: 1s}]
                """
                        .formatted(rules, targets));
        int port = Ports.free();
        Process process = launched(folder, config, port);
        URI address = URI.create("http://127.0.0.1:" + port);
        LivePrometheus live = new LivePrometheus(process, address, targets);
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> live.get("/-/ready").statusCode() == 200);
        return live;
    }

    private static Process launched(Path folder, Path config, int port) {
        try {
            return new ProcessBuilder(
                            "prometheus",
                            "--config.file=" + config,
                            "--storage.tsdb.path=" + folder.resolve("data"),
                            "--web.listen-address=127.0.0.1:" + port,
                            "--log.level=warn")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("prometheus.log").toFile())
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "SKIPPED: prometheus (the package) is not installed");
            throw new UncheckedIOException(e);
        }
    }

    private static String faster(String rules) {
        return TIME.matcher(rules)
                .replaceAll(found -> {
                    Duration time = Duration.parse(iso(found.group(1), found.group(2)));
                    return Math.max(1, time.toMillis() / FASTER) + "ms";
                });
    }

    private static String iso(String number, String unit) {
        return unit.equals("d") ? "P" + number + "D" : "PT" + number + unit;
    }

    /** Replaces the instances that are scraped. */
    void scrape(URI... instances) {
        List<String> addresses =
                Stream.of(instances).map(instance -> '"' + instance.getAuthority() + '"').toList();
        try {
            Path next = targets.resolveSibling("targets.next");
            Files.writeString(next, "[{\"targets\": " + addresses + "}]");
            Files.move(
                    next,
                    targets,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The alerts that fire now. */
    List<Alert> firing() {
        List<Alert> firing = new ArrayList<>();
        for (JsonNode alert : json("/api/v1/alerts").path("data").path("alerts")) {
            if (alert.path("state").asString().equals("firing")) {
                firing.add(
                        new Alert(texts(alert.path("labels")), texts(alert.path("annotations"))));
            }
        }
        return firing;
    }

    /** The series that a query gives now. */
    JsonNode query(String query) {
        JsonNode answer =
                json("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
        if (!answer.path("status").asString().equals("success")) {
            throw new IllegalArgumentException(query + ": " + answer);
        }
        return answer.path("data").path("result");
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new TreeMap<>();
        object.forEachEntry((name, value) -> texts.put(name, value.asString()));
        return texts;
    }

    private JsonNode json(String path) {
        return JsonMapper.shared().readTree(get(path).body());
    }

    private HttpResponse<String> get(String path) {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create(address + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        http.close();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
