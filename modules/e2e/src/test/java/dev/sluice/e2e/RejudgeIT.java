package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.HeaderNames;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice dead-letters redrive --rejudge}: stored answers become results without a call. */
class RejudgeIT {
    private static final int INVALID = Integer.getInteger("rejudge.letters", 500);
    private static final Path SEO = Path.of("../../analyses/seo");

    @TempDir private Path folder;

    @Test
    void answersThatALooserSchemaAcceptsBecomeResultsOnceAndWithoutACall() throws Exception {
        try (Pipeline pipeline =
                new Pipeline(
                        SimulatorSettings.defaults(),
                        folder,
                        AnalysisCatalog.load(Optional.of(strict())))) {
            Service strict = pipeline.start(EnumSet.allOf(Role.class));
            // Long enough for a slow machine to answer all of them before.
            Instant soon = Instant.now().plusSeconds(60);
            for (int i = 0; i < INVALID; i++) {
                AnalysisRequest request = Pipeline.request("r" + i, Pipeline.page(i));
                request.setDeadline(soon);
                pipeline.publish(request);
            }
            AnalysisRequest unknown = Pipeline.request("unknown", Pipeline.page(0));
            unknown.setAnalysis("nothing");
            pipeline.publish(unknown);
            assertThat(pipeline.committed.awaitOutcomes(INVALID + 1, PATIENCE))
                    .hasSize(INVALID + 1)
                    .noneMatch(Read::isResult);
            strict.close();
            long calls = pipeline.simulator.chargedRequests();
            BigDecimal bill = pipeline.simulator.billedUsd();
            await().atMost(PATIENCE).until(() -> Instant.now().isAfter(soon));

            assertThat(redrive(pipeline, "--dry-run", "--analysis", "seo"))
                    .contains("%d  admission would refuse".formatted(INVALID));
            assertThat(redrive(pipeline, "--rejudge", "--dry-run"))
                    .contains(
                            "%d requests have answers that are valid today; nothing is paid"
                                    .formatted(INVALID))
                    .contains("1  they have no invalid answer to judge again");
            // Neither money nor time is left, and none is needed.
            pipeline.analyses = AnalysisCatalog.load(Optional.empty());
            pipeline.limits = UserLimits.of(Budgets.ofEach(0));
            pipeline.start(EnumSet.allOf(Role.class));
            killInTheMiddle(pipeline);
            redrive(pipeline, "--rejudge", "--yes");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(results(pipeline)).hasSize(INVALID));

            assertThat(redrive(pipeline, "--rejudge", "--yes"))
                    .contains("0 requests have answers that are valid today")
                    .contains("%d  they have a result meanwhile".formatted(INVALID));
            assertThat(results(pipeline))
                    .hasSize(INVALID)
                    .allMatch(result -> result.text("rejudged").equals("true"))
                    .allMatch(result -> result.text("generation").equals("1"))
                    .allMatch(result -> result.text("model").equals(Pipeline.MODEL))
                    .allMatch(result -> result.text("calls").equals("0"))
                    .allMatch(result -> result.text("attributes").contains("blue"))
                    .extracting(Read::key)
                    .doesNotHaveDuplicates();
            assertThat(pipeline.committed.outcomes()).hasSize(2 * INVALID + 1);
            assertThat(pipeline.simulator.chargedRequests()).isEqualTo(calls);
            assertThat(pipeline.simulator.billedUsd()).isEqualByComparingTo(bill);
            assertThat(PipelineIT.spend(pipeline.committed.outcomes())).isEqualByComparingTo(bill);
        }
    }

    @Test
    void answersOfAnotherRequestAreNotGivenAndNoCallIsMade() throws Exception {
        try (Pipeline pipeline =
                new Pipeline(
                        SimulatorSettings.defaults(),
                        folder,
                        AnalysisCatalog.load(Optional.of(strict())))) {
            pipeline.start(EnumSet.allOf(Role.class));
            pipeline.publish(Pipeline.request("mine", Pipeline.page(1)));
            List<Read> letters = pipeline.committed.awaitOutcomes(1, PATIENCE);
            assertThat(letters).singleElement().matches(read -> !read.isResult());
            String place = letters.getFirst().place();
            long calls = pipeline.simulator.chargedRequests();

            AnalysisRequest stranger = Pipeline.request("mine", Pipeline.page(1));
            stranger.setUserId("eve");
            publish(pipeline, stranger, "1", place);
            publish(pipeline, Pipeline.request("other-content", Pipeline.page(2)), "1", place);
            publish(pipeline, Pipeline.request("no-partition", Pipeline.page(1)), "1", "99@0");
            publish(pipeline, Pipeline.request("no-offset", Pipeline.page(1)), "1", "0@999999");
            publish(pipeline, Pipeline.request("no-place", Pipeline.page(1)), "1", "everywhere");
            publish(pipeline, Pipeline.request("first", Pipeline.page(1)), "0", place);
            AnalysisRequest own = Pipeline.request("mine", Pipeline.page(1));
            publish(pipeline, own, "1", place);

            List<Read> ended = pipeline.committed.awaitOutcomes(8, PATIENCE);
            assertThat(ended).hasSize(8).noneMatch(Read::isResult);
            assertThat(ended)
                    .filteredOn(letter -> letter.text("reason").equals("INVALID_REQUEST"))
                    .hasSize(6)
                    .allMatch(letter -> letter.text("calls").equals("0"));
            assertThat(ended)
                    .as("judged again, and invalid again")
                    .filteredOn(letter -> letter.text("reason").equals("INVALID_OUTPUT"))
                    .filteredOn(letter -> letter.text("generation").equals("1"))
                    .singleElement()
                    .matches(letter -> letter.text("rawAnswers").contains("title_length"))
                    .matches(letter -> letter.text("calls").equals("0"));
            assertThat(pipeline.simulator.chargedRequests()).isEqualTo(calls);
        }
    }

    private static void publish(
            Pipeline pipeline, AnalysisRequest request, String generation, String place) {
        pipeline.publish(
                request.getUserId().toString(),
                pipeline.serialized(request),
                Map.of(HeaderNames.GENERATION, generation, HeaderNames.REJUDGE, place));
    }

    /** The analysis with a schema that no answer meets. */
    private Path strict() throws Exception {
        Path seo = Files.createDirectories(folder.resolve("strict/seo"));
        Files.copy(SEO.resolve("analysis.yaml"), seo.resolve("analysis.yaml"));
        Files.writeString(
                seo.resolve("output.schema.json"),
                Files.readString(SEO.resolve("output.schema.json"))
                        .replace("\"maximum\": 500", "\"maximum\": 3"));
        return seo.getParent();
    }

    private void killInTheMiddle(Pipeline pipeline) throws Exception {
        try (JavaProcess command =
                Commands.start(
                        pipeline,
                        folder,
                        folder.resolve("killed.log"),
                        "dead-letters",
                        "redrive",
                        "--rejudge",
                        "--yes",
                        "--rate",
                        INVALID / 10 + "/s")) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> results(pipeline).size() > INVALID / 5 || !command.isAlive());
            assertThat(command.isAlive()).as(command.log()).isTrue();
            command.kill();
        }
    }

    private static List<Read> results(Pipeline pipeline) {
        return pipeline.committed.outcomes().stream().filter(Read::isResult).toList();
    }

    private String redrive(Pipeline pipeline, String... options) throws Exception {
        String[] all = new String[options.length + 2];
        all[0] = "dead-letters";
        all[1] = "redrive";
        System.arraycopy(options, 0, all, 2, options.length);
        Commands.Ran ran = Commands.run(pipeline, folder, all);
        assertThat(ran.exitCode()).as(ran.out() + ran.err()).isZero();
        return ran.out();
    }
}
