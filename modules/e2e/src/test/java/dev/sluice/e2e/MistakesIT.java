package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.cli.SluiceCommand;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.SchemaBuilder;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every mistake in the setup and every lost dependency ends in one message with the fix, an exit
 * code, and no stack trace. This test writes docs/MISTAKES.md.
 */
class MistakesIT {
    private static final String CONFIGURATION = "The configuration";
    private static final String OUTSIDE = "What a command or a service needs when it starts";
    private static final String REQUESTS = "requests.v1-value";

    /** With this many, the circuit breaker opens. */
    private static final int REQUESTS_LOST = 40;

    @TempDir private Path folder;

    private final SoftAssertions seen = new SoftAssertions();
    private final Map<String, String> differing = new LinkedHashMap<>();
    private final MistakesPage page = new MistakesPage(differing);
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, String> sound = new LinkedHashMap<>();

    @Test
    void everyMistakeIsOneMessageWithItsFixAndThePageSaysSo() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            differing.put(folder.toString(), "FOLDER");
            differing.put(pipeline.connection.topics().prefix(), "sluice.");
            sound.put("kafka.bootstrap.servers", brokers(pipeline));
            sound.put("schema-registry.schema.registry.url", pipeline.registry.url());
            sound.put("topics.prefix", pipeline.connection.topics().prefix());
            sound.put("topics.partitions", String.valueOf(Pipeline.PARTITIONS));
            sound.put("topics.replicas", "1");
            sound.put("admission.state-dir", folder.resolve("own").toString());
            sound.put("http.port", "0");
            sound.put("log.format", "plain");
            configuration(pipeline);
            missingOutside(pipeline);
        }
        lostUnderWay();

        Path written = Path.of("target", "MISTAKES.md");
        Files.writeString(written, page.markdown());
        seen.assertAll();
        assertThat(Path.of("../../docs/MISTAKES.md"))
                .as("docs/MISTAKES.md must be what was seen: copy modules/e2e/" + written)
                .hasSameTextualContentAs(written);
    }

    private void configuration(Pipeline pipeline) throws IOException {
        mistake("a key that does not exist", "run", Map.of("worker.max-inflight", "5"));
        mistake("a value out of its bounds", "run", Map.of("admission.threads", "0"));
        mistake("text where a number belongs", "run", Map.of("http.port", "eighty"));
        mistake("no brokers, no registry", "run", without("kafka", "schema-registry"));
        mistake("no registry", "topics create", without("schema-registry"));
        Map<String, String> noKey = Map.of("models", "");
        mistake("no API key", "run --roles worker", noKey);
        mistake(
                "a base URL that is one of a call",
                "run",
                models("base-url: 'https://api.openai.com/v1/chat/completions', "));
        mistake("a provider that does not exist", "run", models("provider: closedai, "));
        mistake(
                "prices that are not there",
                "run",
                Map.of("prices.file", folder.resolve("prices.yaml").toString()));
        mistake(
                "a budget of an analysis that does not exist",
                "run",
                Map.of("budgets.analyses.summary", "5"));
        mistake("a setting of Kafka's clients", "run", Map.of("kafka.security.protocol", "TLSS"));
        mistake("a host that does not exist", "run", brokersAt("no-such-host.invalid:9092"));
        mistake(
                "a registry's address that cannot be",
                "run",
                Map.of("schema-registry.schema.registry.url", "ftp://registry"));
        mistake(
                "a setting that the serde does not have",
                "run",
                Map.of("schema-registry.rule.executors", "secret"));
        mistake(
                "a port that is taken",
                "run",
                Map.of("http.port", String.valueOf(URI.create(pipeline.registry.url()).getPort())));
    }

    private void missingOutside(Pipeline pipeline) throws Exception {
        String nowhere = "127.0.0.1:" + Ports.free();
        Map<String, String> nobody =
                Map.of(
                        "kafka.bootstrap.servers",
                        nowhere,
                        "kafka.request.timeout.ms",
                        "500",
                        "kafka.default.api.timeout.ms",
                        "1000");
        for (String command : List.of("topics create", "spend", "budget show ann")) {
            outside("brokers that do not answer", command, nobody);
        }
        for (String role : List.of("admission", "worker")) {
            outside("brokers that do not answer", "run --roles " + role, nobody);
        }
        Map<String, String> empty = Map.of("topics.prefix", "empty.");
        for (String command :
                List.of(
                        "run --roles admission",
                        "run --roles worker",
                        "spend",
                        "budget show ann")) {
            outside("topics that are missing", command, empty);
        }
        outside(
                "one broker and three replicas",
                "topics create",
                Map.of("topics.prefix", "three.", "topics.replicas", "3"));
        differs(
                "topics that differ from the plan",
                "topics create",
                Map.of("topics.partitions", String.valueOf(Pipeline.PARTITIONS + 1)));
        Map<String, String> noRegistry =
                Map.of("schema-registry.schema.registry.url", "http://" + nowhere);
        outside("a registry that does not answer", "topics create", noRegistry);
        outside("a registry that does not answer", "budget add ann 5", noRegistry);
        try (SchemaRegistry registry = pipeline.connection.openRegistry()) {
            int _ =
                    registry.register(
                            "short." + REQUESTS,
                            SchemaBuilder.record("AnalysisRequest")
                                    .fields()
                                    .requiredString("requestId")
                                    .endRecord(),
                            false);
            registry.setCompatibility("open." + REQUESTS, "NONE");
        }
        outside(
                "another schema of requests in the registry",
                "topics create",
                Map.of("topics.prefix", "short."));
        differs(
                "a subject that takes any schema",
                "topics create",
                Map.of("topics.prefix", "open."));
        Path file = Files.writeString(folder.resolve("file"), "");
        outside(
                "a state folder that cannot be written to",
                "run --roles admission",
                Map.of("admission.state-dir", file.resolve("state").toString()));
        var _ = pipeline.start(EnumSet.of(Role.ADMISSION));
        outside(
                "two processes with one state folder",
                "run --roles admission",
                Map.of("admission.state-dir", folder.resolve("state-0").toString()));
    }

    private void lostUnderWay() throws Exception {
        int port = Ports.free();
        try (Network network = Network.faulty();
                Pipeline pipeline =
                        new Pipeline(
                                SimulatorSettings.defaults(),
                                folder,
                                AnalysisCatalog.load(Optional.empty()),
                                network);
                JavaProcess service =
                        pipeline.startProcess(
                                "0",
                                "admission,worker",
                                Map.of("SLUICE_HTTP_PORT", String.valueOf(port)))) {
            awaitUp(port, service);
            network.proxies().provider().leadTo(Ports.free());
            network.proxies().provider().cut();
            for (int i = 0; i < REQUESTS_LOST; i++) {
                pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
            }
            String model = "model " + Pipeline.MODEL;
            String deployment = Pipeline.MODEL + "/openai-0";
            String readiness = awaitProblem(port, service, model, "circuit breaker is open");
            network.proxies().provider().leadTo(pipeline.simulator.baseUrl().getPort());
            awaitUp(port, service);
            page.goesOn(
                    "a provider",
                    model + ": " + readiness,
                    line(service, "circuit breaker opened", deployment),
                    line(service, "circuit breaker closed", deployment));
            pipeline.registry.fail(503);
            lost(
                    "the registry",
                    "registry",
                    "schema registry",
                    port,
                    service,
                    () -> pipeline.registry.recover());
            network.proxies().broker().silence(true);
            lost(
                    "the brokers",
                    "brokers",
                    "brokers",
                    port,
                    service,
                    () -> {
                        network.proxies().broker().cut();
                        network.proxies().broker().silence(false);
                    });
        }
    }

    private void lost(
            String what, String part, String name, int port, JavaProcess service, Runnable mend) {
        String readiness = awaitProblem(port, service, part, "no answer");
        mend.run();
        awaitUp(port, service);
        page.goesOn(
                what,
                part + ": " + readiness,
                line(service, "no answer: work waits until there is one", name),
                line(service, "it answers again", name));
    }

    /** The single line of the log, from its level on. */
    private static String line(JavaProcess service, String words, String dependency) {
        List<String> lines =
                service.log()
                        .lines()
                        .filter(line ->
                                line.contains(words) && line.contains('"' + dependency + '"'))
                        .toList();
        assertThat(lines).as(service.log()).hasSize(1);
        return lines.getFirst().replaceFirst("^\\S+ ", "");
    }

    private void awaitUp(int port, JavaProcess service) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> assertThat(ready(port)).as(service.log()).contains("UP"));
    }

    /** The readiness of a part, once it contains this text. */
    private String awaitProblem(int port, JavaProcess service, String part, String words) {
        AtomicReference<String> told = new AtomicReference<>("");
        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    told.set(
                            JsonMapper.shared()
                                    .readTree(ready(port))
                                    .path("problems")
                                    .path(part)
                                    .asString(""));
                    assertThat(told.get()).as(service.log()).contains(words);
                });
        return told.get();
    }

    private String ready(int port) throws IOException, InterruptedException {
        URI url = URI.create("http://127.0.0.1:" + port + "/health/ready");
        return http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString()).body();
    }

    private void mistake(String what, String command, Map<String, String> changes)
            throws IOException {
        ended(CONFIGURATION, ExitCode.MISUSED, what, command, changes);
    }

    private void differs(String what, String command, Map<String, String> changes)
            throws IOException {
        ended(OUTSIDE, ExitCode.MISUSED, what, command, changes);
    }

    private void outside(String what, String command, Map<String, String> changes)
            throws IOException {
        ended(OUTSIDE, ExitCode.FAILED, what, command, changes);
    }

    private void ended(
            String section, int code, String what, String command, Map<String, String> changes)
            throws IOException {
        Path config = folder.resolve("sluice.yaml");
        Files.writeString(config, yaml(changes));
        StringWriter err = new StringWriter();
        int exitCode =
                SluiceCommand.commandLine(Optional.empty())
                        .setErr(new PrintWriter(err))
                        .setOut(new PrintWriter(err))
                        .execute(
                                Stream.concat(
                                                Stream.of(command.split(" ")),
                                                Stream.of("-c", config.toString()))
                                        .toArray(String[]::new));
        seen.assertThat(err.toString())
                .as(what)
                .isNotBlank()
                .doesNotContain("\tat ", "Exception", "secret");
        seen.assertThat(exitCode).as(what + ": " + err).isEqualTo(code);
        page.ended(section, what, command, err.toString(), exitCode);
    }

    private String yaml(Map<String, String> changes) {
        Map<String, String> all = new LinkedHashMap<>(sound);
        all.putAll(changes);
        String models = all.containsKey("models") ? all.get("models") : models("").get("models");
        return all.entrySet().stream()
                        .filter(entry ->
                                !entry.getKey().equals("models") && !entry.getValue().isEmpty())
                        .map(entry -> entry.getKey() + ": '" + entry.getValue() + "'")
                        .collect(Collectors.joining("\n"))
                + "\n"
                + models;
    }

    /** Every model of the built-in analyses, with a key. */
    private static Map<String, String> models(String setting) {
        return Map.of(
                "models",
                AnalysisCatalog.load(Optional.empty()).all().stream()
                        .flatMap(analysis -> analysis.models().all().stream())
                        .distinct()
                        .sorted()
                        .map(("  %s: {deployments: [{" + setting + "api-key: key}]}\n")::formatted)
                        .collect(Collectors.joining("", "models:\n", "")));
    }

    private Map<String, String> without(String... sections) {
        return sound.keySet().stream()
                .filter(key -> Stream.of(sections).anyMatch(one -> key.startsWith(one + ".")))
                .collect(Collectors.toMap(key -> key, _ -> ""));
    }

    private static Map<String, String> brokersAt(String address) {
        return Map.of("kafka.bootstrap.servers", address);
    }

    private static String brokers(Pipeline pipeline) {
        return String.valueOf(pipeline.connection.client().get("bootstrap.servers"));
    }
}
