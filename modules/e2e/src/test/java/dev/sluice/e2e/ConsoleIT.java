package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.model.Secret;
import dev.sluice.analysis.price.Cost;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.console.Console;
import dev.sluice.app.console.ConsoleHistory;
import dev.sluice.app.console.ConsoleState;
import dev.sluice.app.http.HttpEndpoints;
import dev.sluice.app.operate.LetterOperations;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Stage;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.telemetry.RecentDeadLetters;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.QuotaPolicy;
import dev.sluice.simulator.SimulatorSettings;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The console, in a browser, beside a pipeline that works under faults. */
class ConsoleIT {
    private static final int WIDE = 1280;
    private static final int PHONE = 390;
    private static final int REQUESTS = 150;

    /** A user id is any text: this one would be a script if the page were careless. */
    private static final String HOSTILE = "<img src=x onerror=document.title='owned'>";

    private static final SimulatorSettings FAULTY =
            SimulatorSettings.defaults()
                    .withFaults(
                            FaultRates.parse(
                                    "malformed=0.25,throttled=0.08,status-503=0.05,length=0.04"),
                            3)
                    .withLatency(Duration.ofMillis(300), Duration.ofSeconds(2))
                    .withQuota(QuotaPolicy.parse("3000000:bucket:60s:settles"));

    /** Where the pictures go; docs/images has three of them. */
    private static final Path PICTURES =
            Path.of(System.getProperty("console.pictures", "target/console"));

    @TempDir private Path folder;

    @Test
    void numbersAreThoseOfTheMetricsAndOfTheCallsTopic() throws Exception {
        try (Browser browser = Browser.start(folder.resolve("profile"));
                Pipeline pipeline = new Pipeline(FAULTY, folder)) {
            limit(pipeline);
            Service service = pipeline.start(EnumSet.allOf(Role.class));
            browser.open(service.httpAddress().resolve("/console"), WIDE);
            await().atMost(PATIENCE).until(() -> browser.text("#status").equals("Ready"));
            publish(pipeline);
            pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE);
            assertThat(browser.text("#stage-worker .pipe")).matches("[1-9][0-9.]*/s|0\\.[1-9]/s");
            assertThat(browser.value("#stage-worker dl", "Waiting for a call")).isPositive();
            assertThat(browser.text("#waits"))
                    .contains("OUTCOME: an identical request", "admission");
            assertThat(browser.text("#waited")).contains("THROTTLED", "QUOTA", "gpt-4.1-mini");
            for (String scheme : List.of("light", "dark")) {
                browser.scheme(scheme);
                browser.picture(PICTURES.resolve("console-" + scheme + ".webp"));
            }
            browser.scheme("light");
            browser.width(PHONE);
            browser.picture(PICTURES.resolve("console-phone.webp"));
            browser.width(WIDE);
            pipeline.committed.awaitOutcomes(2 * REQUESTS, PATIENCE);
            publishBroken(pipeline);
            int outcomes = 2 * REQUESTS + 2;
            assertThat(pipeline.committed.awaitOutcomes(outcomes, PATIENCE)).hasSize(outcomes);

            List<Read> all = pipeline.committed.outcomes();
            long results = all.stream().filter(Read::isResult).count();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> {
                        assertThat(browser.values("#stage-outcomes .big"))
                                .containsExactly((double) results);
                        assertThat(browser.value("#stage-worker dl", "Waiting for a call"))
                                .isZero();
                    });
            assertThat(letters(browser)).isEqualTo(all.size() - results);
            String metrics = metrics(service.httpAddress());
            double spend = PipelineIT.spend(pipeline.committed.calls()).doubleValue();
            assertThat(browser.value("#stage-provider .money", "Spent"))
                    .isCloseTo(spend, within(1e-9))
                    .isEqualTo(sum(metrics, "sluice_spend_usd_total"), within(1e-12));
            assertThat(browser.value("#stage-provider .money", "Of it wasted"))
                    .isPositive()
                    .isEqualTo(sum(metrics, "sluice_waste_usd_total"), within(1e-12));
            assertThat(browser.values("#stage-provider .big"))
                    .containsExactly(sum(metrics, "sluice_calls_total"));
            assertThat(browser.value("#stage-admission dl", "Answered by sharing"))
                    .isPositive()
                    .isEqualTo(sum(metrics, "sluice_admission_shared_total"));
            assertThat(browser.values("#models tbody td:nth-of-type(2)"))
                    .containsExactly(browser.value("#stage-provider .money", "Spent"));

            assertThat(browser.text("#letters"))
                    .contains(HOSTILE, "UNKNOWN_ANALYSIS", "UNDECODABLE", "admission");
            assertThat(browser.text("#limits")).contains("All analyses", "of 20.00 USD");
            assertThat(browser.text("#deployments"))
                    .contains("taking-calls", "tokens left", "requests");
            assertThat(browser.text("#waits")).isEqualTo("Nothing waits now.");
            assertThat(browser.text("#charts")).containsPattern("median [0-9.]+ s");
            assertThat(browser.attributes("#charts path", "d"))
                    .hasSize(5)
                    .allMatch(line -> line.contains("L"));
            assertIsUsable(browser);
            assertThat(browser.complaints()).isEmpty();

            assertThat(browser.text("#status")).isEqualTo("Ready");
            service.close();
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#status").startsWith("Connection lost at"));
        }
    }

    /** By eye, by keyboard and by screen reader, on any screen. */
    private static void assertIsUsable(Browser browser) {
        for (String scheme : List.of("light", "dark")) {
            browser.scheme(scheme);
            browser.width(WIDE);
            assertThat(browser.inaccessible()).as(scheme).isEmpty();
        }
        browser.scheme("light");
        browser.width(PHONE);
        assertThat(browser.inaccessible()).as("phone").isEmpty();
        assertThat(browser.tooWide()).isEmpty();

        browser.press(Keys.TAB);
        assertThat(browser.focused()).isEqualTo("Skip to the flow");
        browser.press(Keys.ENTER);
        List<String> reached = new ArrayList<>();
        while (!reached.contains("Readiness")) {
            browser.press(Keys.TAB);
            reached.add(browser.focused());
            assertThat(reached).hasSizeLessThan(10);
        }
        assertThat(reached)
                .containsSubsequence(
                        "Cost of calls since the start of this process",
                        "State and rate limits of each deployment",
                        "The newest 20 dead letters of this process",
                        "Metrics",
                        "Readiness");
    }

    @Test
    void idsAreShownToWhoHasTheToken() throws Exception {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Health health = new Health();
        RecentDeadLetters letters = new RecentDeadLetters();
        letters.add(
                new RecentDeadLetters.Entry(
                        Instant.now(), "r-1", "ann", "seo", Reason.INVALID_OUTPUT, Stage.WORKER));
        HttpSettings http =
                new HttpSettings(
                        "127.0.0.1",
                        0,
                        Optional.of(new Secret("0123456789abcdef")),
                        Optional.empty(),
                        true);
        try (Browser browser = Browser.start(folder.resolve("profile"));
                Console console =
                        Console.start(
                                new ConsoleState(meters, health, Set.of(Role.WORKER), letters),
                                new ConsoleHistory(meters));
                HttpEndpoints endpoints =
                        HttpEndpoints.start(
                                http,
                                meters,
                                health,
                                user -> Optional.empty(),
                                console,
                                noOperations())) {
            health.ready("brokers", () -> Optional.of("no answer for 7 s"));
            browser.open(endpoints.address().resolve("/console"), PHONE);
            await().atMost(PATIENCE).until(() -> browser.text("#status").equals("Not ready"));
            assertThat(browser.text("#problems")).contains("brokers no answer for 7 s");
            assertThat(browser.text("#stage-admission")).contains("runs in another process");
            assertThat(browser.text("#letters")).contains("INVALID_OUTPUT").doesNotContain("r-1");
            assertThat(browser.text("#access")).contains("http.token");
            assertThat(browser.inaccessible()).isEmpty();

            assertThat(browser.text("#stage-admission .pipe")).isEmpty();
            assertThat(browser.text("#stage-provider .pipe")).isEqualTo("0.0/s");

            browser.type("#token", "wr\u00f6ng");
            await().atMost(PATIENCE).until(() -> browser.text("#access").contains("not the right"));
            browser.type("#token", "wrong");
            await().atMost(PATIENCE).until(() -> browser.text("#access").contains("not the right"));
            browser.type("#token", "0123456789abcdef");
            await().atMost(PATIENCE).until(() -> browser.text("#letters").contains("r-1"));

            browser.open(endpoints.address().resolve("/console"), PHONE);
            await().atMost(PATIENCE).until(() -> browser.text("#letters").contains("r-1"));
        }
    }

    @Test
    void pageComesBackWhenItsProcessDoes() throws Exception {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Health health = new Health();
        try (Browser browser = Browser.start(folder.resolve("profile"));
                Console console =
                        Console.start(
                                new ConsoleState(
                                        meters,
                                        health,
                                        Set.of(Role.ADMISSION),
                                        new RecentDeadLetters()),
                                new ConsoleHistory(meters))) {
            HttpEndpoints first =
                    HttpEndpoints.start(
                            HttpSettings.loopback(0),
                            meters,
                            health,
                            user -> Optional.empty(),
                            console,
                            noOperations());
            URI address = first.address();
            browser.open(address.resolve("/console"), WIDE);
            await().atMost(PATIENCE).until(() -> browser.text("#status").equals("Ready"));
            first.close();
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#status").startsWith("Connection lost at"));

            try (HttpEndpoints _ =
                    HttpEndpoints.start(
                            HttpSettings.loopback(address.getPort()),
                            meters,
                            health,
                            user -> Optional.empty(),
                            console,
                            noOperations())) {
                await().atMost(PATIENCE).until(() -> browser.text("#status").equals("Ready"));
                assertThat(browser.text("#stage-worker")).contains("runs in another process");
            }
        }
    }

    /** Operations on dead letters that nobody asks for. */
    private static LetterOperations noOperations() {
        return (LetterOperations)
                Proxy.newProxyInstance(
                        LetterOperations.class.getClassLoader(),
                        new Class<?>[] {LetterOperations.class},
                        (_, method, _) -> {
                            throw new UnsupportedOperationException(method.getName());
                        });
    }

    private static void limit(Pipeline pipeline) {
        UserLimits users = UserLimits.of(Budgets.ofEach(1_000_000));
        pipeline.limits =
                new UserLimits(
                        users.budgets(),
                        new Ceilings(Optional.of(new Cost(new BigDecimal("20"))), Map.of()),
                        users.rates(),
                        users.maxWaiting(),
                        users.maxInteractive());
    }

    /** Each content twice, so that half of the results are shared. */
    private static void publish(Pipeline pipeline) {
        for (int i = 0; i < REQUESTS; i++) {
            for (String copy : List.of("a", "b")) {
                AnalysisRequest request = Pipeline.request(copy + i, Pipeline.page(i));
                request.setCache(CacheUse.ALLOW);
                pipeline.publish(request);
            }
        }
    }

    /** A record that is no request, and a request of an analysis that there is not. */
    private static void publishBroken(Pipeline pipeline) {
        pipeline.publish("none", new byte[] {9, 9, 9});
        AnalysisRequest unknown = Pipeline.request("unknown", Pipeline.page(0));
        unknown.setAnalysis("nothing");
        unknown.setUserId(HOSTILE);
        pipeline.publish(unknown);
    }

    private static double letters(Browser browser) {
        return List.of("refused", "failed", "poison").stream()
                .mapToDouble(kind -> browser.value("#stage-outcomes dl", "Dead letters: " + kind))
                .sum();
    }

    private static String metrics(URI address) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(address.resolve("/metrics")).build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }

    private static double sum(String metrics, String name) {
        return Pattern.compile("^" + name + "(?:\\{[^}]*})? (\\S+)$", Pattern.MULTILINE)
                .matcher(metrics)
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group(1)))
                .sum();
    }
}
