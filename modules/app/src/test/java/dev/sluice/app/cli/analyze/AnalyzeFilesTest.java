package dev.sluice.app.cli.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.app.cli.SluiceCommand;
import dev.sluice.app.cli.common.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command {@code sluice analyze} on many files, against a provider over HTTP. */
class AnalyzeFilesTest {
    private static final String ANSWER =
            """
            {"id": "r", "model": "gpt-4.1-mini", "choices": [{"index": 0, "finish_reason": "stop",
             "message": {"role": "assistant", "content": "{\\"kind\\": \\"note\\"}"}}],
             "usage": {"prompt_tokens": 50, "completion_tokens": 7, "total_tokens": 57}}
            """;

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer provider = unbound();

    @BeforeEach
    void start() throws IOException {
        provider =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        provider.setExecutor(threads);
        provider.createContext("/", this::answer);
        provider.start();
        Path analysis = Files.createDirectories(folder.resolve("analyses/kind"));
        Files.writeString(
                analysis.resolve("analysis.yaml"),
                """
                name: kind
                role: You sort notes.
                task: Say of what kind the note is.
                constraints: [Use one word.]
                on_insufficient_input: Say other.
                model: gpt-4.1-mini
                input: {kind: text, max_characters: 1000, max_tokens: 500, max_bytes: 2000}
                output: {max_tokens: 100}
                repair_attempts: 0
                """);
        Files.writeString(
                analysis.resolve("output.schema.json"),
                """
                {"type": "object", "additionalProperties": false, "required": ["kind"],
                 "properties": {"kind": {"type": "string", "maxLength": 20, "description": "Its kind."}}}
                """);
        Files.writeString(
                folder.resolve("sluice.yaml"),
                """
                analyses:
                  dir: %s
                models:
                  gpt-4.1-mini:
                    deployments:
                      - base-url: http://127.0.0.1:%d/v1
                        api-key: k
                        requests-per-minute: 60000
                """
                        .formatted(folder.resolve("analyses"), provider.getAddress().getPort()));
    }

    @AfterEach
    void stop() {
        end.countDown();
        provider.stop(0);
        threads.shutdownNow();
    }

    @Test
    void fileThatIsNeverAnsweredHoldsUpNoOther() throws IOException {
        List<String> files = new ArrayList<>(List.of(file("silent.txt", "SILENT")));
        for (int i = 0; i < 39; i++) {
            files.add(file("note-" + i + ".txt", "Note " + i));
        }
        warmUp();

        int code = run(files, "--deadline", "6s");

        List<JsonNode> reports = reports();
        assertThat(code).as(err.toString()).isEqualTo(ExitCode.DEAD_LETTERS);
        assertThat(reports).hasSize(40);
        assertThat(reports.subList(0, 39))
                .allSatisfy(report ->
                        assertThat(report.path("outcome").asString()).isEqualTo("result"));
        JsonNode last = reports.getLast();
        assertThat(last.path("file").asString()).endsWith("silent.txt");
        assertThat(last.path("reason").asString()).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(last.path("message").asString()).contains("6.0 s").contains("--deadline");
        assertThat(last.path("calls").path(0).path("status").asString()).isEqualTo("UNCONFIRMED");
        assertThat(err.toString())
                .containsOnlyOnce("waiting for gpt-4.1-mini (1 file): no answer yet");
    }

    @ParameterizedTest
    @CsvSource({"HTML, 2", "BROKEN, 2", "BROKEN, 3"})
    void failedCallsAreRepeatedAsOftenAsConfigured(String kind, int tries) throws IOException {
        int code = run(List.of(file("page.txt", kind)), "--tries", "" + tries, "--deadline", "60s");

        assertThat(code).isEqualTo(ExitCode.DEAD_LETTERS);
        assertThat(reports().getFirst().path("reason").asString()).isEqualTo("RETRIES_EXHAUSTED");
        assertThat(reports().getFirst().path("message").asString())
                .startsWith(tries + " tries failed, the last with: ");
        assertThat(calls.get()).isEqualTo(tries);
    }

    @Test
    void longWaitIsReportedWithItsReason() throws IOException {
        Path config = folder.resolve("sluice.yaml");
        Files.writeString(
                config, Files.readString(config).replace("per-minute: 60000", "per-minute: 1"));

        run(List.of(file("a.txt", "A"), file("b.txt", "B")), "--deadline", "5s");

        assertThat(err.toString())
                .contains("waiting for gpt-4.1-mini (1 file): its limit of requests or tokens")
                .contains("the last call ended ANSWERED, HTTP 200");
    }

    @Test
    void invalidOptionsAreRejected() throws IOException {
        List<String> files = List.of(file("a.txt", "A"));
        assertThat(run(files, "--tries", "0")).isEqualTo(ExitCode.MISUSED);
        assertThat(run(files, "--parallel", "0")).isEqualTo(ExitCode.MISUSED);
        assertThat(run(files, "--deadline", "0s")).isEqualTo(ExitCode.MISUSED);
        assertThat(run(files, "--deadline", "soon")).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString())
                .contains("--tries must be 1 or more, was 0")
                .contains("--parallel must be from 1 to 1000, was 0")
                .contains("--deadline must be more than 0s")
                .contains("'soon' is not a valid duration; write 25ms, 5s, 2m or 1h");
    }

    private void answer(HttpExchange exchange) throws IOException {
        calls.incrementAndGet();
        String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (asked.contains("SILENT")) {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        } else if (asked.contains("HTML")) {
            send(exchange, 200, "<html>Maintenance</html>");
        } else if (asked.contains("BROKEN")) {
            send(exchange, 500, "{}");
        } else {
            send(exchange, 200, ANSWER);
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private List<JsonNode> reports() {
        return out.toString().lines().map(JsonMapper.shared()::readTree).toList();
    }

    /** The first call in a process loads classes and tables, which can take longer than a limit. */
    private void warmUp() throws IOException {
        var _ = run(List.of(file("first.txt", "First")), "--deadline", "60s");
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
    }

    private int run(List<String> files, String... options) {
        CommandLine commandLine = SluiceCommand.commandLine(Optional.empty());
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(
                Stream.of(
                                Stream.of("analyze", "kind"),
                                files.stream(),
                                Stream.of(
                                        "--live",
                                        "--json",
                                        "-c",
                                        folder.resolve("sluice.yaml").toString()),
                                Stream.of(options))
                        .flatMap(parts -> parts)
                        .toArray(String[]::new));
    }

    private static HttpServer unbound() {
        try {
            return HttpServer.create();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
