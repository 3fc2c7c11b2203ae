package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.model.Secret;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.Reason;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console's page of dead letters, in a browser. */
class DeadLettersPageIT {
    private static final int INVALID = 6;
    private static final int WIDE = 1280;
    private static final int PHONE = 390;
    private static final String TOKEN = "0123456789abcdef";

    /** A user id is any text: this one would be a script if the page were careless. */
    private static final String HOSTILE = "<img src=x onerror=document.title='owned'>";

    private static final Path PICTURES =
            Path.of(System.getProperty("console.pictures", "target/console"));

    @TempDir private Path folder;

    @Test
    void deadLettersAreShownRedrivenWithThePlansNumbersAndDiscarded() throws Exception {
        SimulatorSettings faulty =
                SimulatorSettings.defaults().withFaults(FaultRates.parse("out-of-range=1"), 1);
        try (Browser browser = Browser.start(folder.resolve("profile"));
                Pipeline pipeline = new Pipeline(faulty, folder)) {
            pipeline.http =
                    new HttpSettings(
                            "127.0.0.1", 0, Optional.of(new Secret(TOKEN)), Optional.empty(), true);
            Service service = pipeline.start(EnumSet.allOf(Role.class));
            publish(pipeline);
            assertThat(pipeline.committed.awaitOutcomes(INVALID + 2, PATIENCE))
                    .hasSize(INVALID + 2);

            browser.open(service.httpAddress().resolve("/console/dead-letters"), WIDE);
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#status").equals("A token is needed"));
            browser.type("#token", "wrong");
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#access").contains("not the right one"));
            browser.type("#token", TOKEN);
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#groups").contains("INVALID_OUTPUT"));
            assertThat(browser.text("#groups")).contains("UNKNOWN_ANALYSIS", "nothing", "all");
            assertThat(browser.values("#groups tbody tr:last-child td:nth-of-type(2)"))
                    .containsExactly(INVALID + 2.0);
            assertThat(browser.text("#letters")).contains(HOSTILE);
            assertThat(browser.inaccessible()).isEmpty();

            assertThat(browser.attributes("#reason option", "value"))
                    .containsExactlyElementsOf(
                            Stream.concat(
                                            Stream.of(""),
                                            Arrays.stream(Reason.values()).map(Enum::name))
                                    .toList());

            browser.clickButton("without an id");
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#details").contains("bytes that are no request"));

            browser.clickButton("INVALID_OUTPUT");
            await().atMost(PATIENCE)
                    .until(() -> !browser.text("#letters").contains("UNKNOWN_ANALYSIS"));
            assertThat(browser.focused()).isEqualTo("found");
            assertThat(browser.text("#details")).isEmpty();
            assertThat(browser.text("#discard-button")).isEqualTo("Discard " + INVALID);
            browser.clickButton("r3");
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#details").contains("Page number 3"));
            assertThat(browser.focused()).isEqualTo("details");
            assertThat(browser.text("#details")).contains("⟦1000000007⟧");
            assertThat(browser.text("#details"))
                    .contains("INVALID_OUTPUT (FAILED), in worker")
                    .contains("/title_length:", "Answer 1 of 2", "1000000007");
            assertThat(browser.inaccessible()).isEmpty();
            for (String scheme : List.of("light", "dark")) {
                browser.scheme(scheme);
                assertThat(browser.inaccessible()).as(scheme).isEmpty();
                browser.picture(PICTURES.resolve("letters-" + scheme + ".webp"));
            }
            browser.width(PHONE);
            // The window takes its width a moment later.
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(browser.tooWide()).isEmpty());
            assertThat(browser.inaccessible()).as("phone").isEmpty();
            browser.width(WIDE);

            pipeline.simulator.faults(FaultRates.NONE);
            browser.set("#max-usd", "cheap");
            browser.click("#plan");
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#plan-error").contains("a number of USD"));
            browser.set("#max-usd", "0");
            browser.click("#plan");
            await().atMost(PATIENCE)
                    .until(() ->
                            browser.text("#planned")
                                    .contains(INVALID + " left out: the limit of count or cost"));
            browser.set("#max-usd", "");
            browser.click("#plan");
            await().atMost(PATIENCE).until(() -> browser.text("#planned").contains("estimated"));
            assertThat(browser.text("#planned"))
                    .containsPattern(
                            INVALID + " requests, for an estimated 0\\.\\d+ USD, and at most")
                    .contains(INVALID + " INVALID_OUTPUT");
            assertThat(results(pipeline)).isEmpty();
            assertThat(browser.focused()).isEqualTo("planned");
            browser.clickButton("Redrive " + INVALID + " requests");
            await().atMost(PATIENCE)
                    .until(() ->
                            browser.text("#planned")
                                    .contains("Published again: " + INVALID + " requests"));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(results(pipeline)).hasSize(INVALID));
            browser.click("#plan-rejudge");
            await().atMost(PATIENCE)
                    .until(() ->
                            browser.text("#planned")
                                    .contains("left out: they have a result meanwhile"));

            browser.type("#note", "redriven");
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#done").equals("Discarded: " + INVALID));
            assertThat(browser.text("#groups")).isEqualTo("No such dead letters.");
            assertThat(browser.text("#remarks")).isEqualTo("Discarded, and left out: " + INVALID);
            assertThat(browser.focused()).isEqualTo("done");
            browser.click("#take-back");
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#done").equals("Taken back: " + INVALID));
            assertThat(browser.text("#groups")).contains("INVALID_OUTPUT");
            // A second discard, after the first one: it is about the list as it is now.
            browser.type("#note", "redriven, and seen");
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#done").equals("Discarded: " + INVALID));
            assertThat(Commands.run(pipeline, folder, "dead-letters", "count").out())
                    .containsPattern("all +2 ");
            // The questions without a token, with a wrong one, and with a price that is none.
            assertThat(browser.complaints())
                    .allMatch(line -> line.contains("401") || line.contains("400"));
        }
    }

    private static void publish(Pipeline pipeline) {
        for (int i = 0; i < INVALID; i++) {
            AnalysisRequest request = Pipeline.request("r" + i, Pipeline.page(i));
            request.setUserId(HOSTILE);
            pipeline.publish(request);
        }
        AnalysisRequest unknown = Pipeline.request("unknown", Pipeline.page(1));
        unknown.setAnalysis("nothing");
        pipeline.publish(unknown);
        pipeline.publish("no key of a request", "no Avro".getBytes(StandardCharsets.UTF_8));
    }

    private static List<Read> results(Pipeline pipeline) {
        return pipeline.committed.outcomes().stream().filter(Read::isResult).toList();
    }
}
