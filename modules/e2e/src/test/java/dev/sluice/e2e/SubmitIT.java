package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code sluice submit}. */
class SubmitIT {
    /** Rows of the CSV file; {@code -Dsubmit.rows=5000} for many. */
    private static final int ROWS = Integer.getInteger("submit.rows", 600);

    private static final int FILES = 200;

    /** More requests than may wait for admission. */
    private static final int MANY = 11_500;

    private static final FaultRates SOME_REFUSALS = FaultRates.parse("refusal=0.05");

    @TempDir private Path folder;

    @Test
    void everyRowHasOneOutcomeInTheOrderOfTheSourceAndTheSecondTimeIsFree() throws Exception {
        try (Pipeline pipeline =
                new Pipeline(SimulatorSettings.defaults().withFaults(SOME_REFUSALS, 7), folder)) {
            prepare(pipeline);
            pipeline.start(EnumSet.allOf(Role.class));
            Path csv = rows(ROWS);
            Path out = folder.resolve("answers.jsonl");
            long begun = System.nanoTime();

            Commands.Ran first =
                    submit(
                            pipeline,
                            "seo",
                            csv,
                            "--out",
                            out.toString(),
                            "--attribute-columns",
                            "lang");

            System.out.printf(
                    "%,d rows submitted and answered in %d ms%n",
                    ROWS, (System.nanoTime() - begun) / 1_000_000);
            assertThat(first.exitCode()).as(first.err()).isEqualTo(ExitCode.DEAD_LETTERS);
            List<JsonNode> lines = json(Files.readAllLines(out));
            assertThat(lines)
                    .extracting(line -> line.path("source").asString())
                    .containsExactlyElementsOf(
                            IntStream.rangeClosed(1, ROWS)
                                    .mapToObj(row -> "rows.csv:" + row)
                                    .toList());
            for (int i = 0; i < ROWS; i++) {
                JsonNode record = lines.get(i).path("record");
                assertThat(record.path("requestId").asString()).isEqualTo("row" + (i + 1));
                assertThat(record.path("attributes").path("lang").asString()).isEqualTo("de");
                if (lines.get(i).path("outcome").asString().equals("RESULT")) {
                    assertThat(record.path("output").path("title_tag").asString())
                            .isEqualTo("Page number " + (i + 1));
                } else {
                    assertThat(record.path("reason").asString()).isEqualTo("REFUSED_BY_MODEL");
                }
            }
            long letters =
                    lines.stream()
                            .filter(line -> line.path("outcome").asString().equals("DEAD_LETTER"))
                            .count();
            assertThat(letters).isPositive();
            assertThat(first.err())
                    .contains("rows.csv: content from 'html', requestId from 'id'")
                    .contains("ann may send 200 requests an hour, so %,d take".formatted(ROWS))
                    .contains(
                            "%,d requests: %,d results, %,d dead letters {REFUSED_BY_MODEL=%d}"
                                    .formatted(ROWS, ROWS - letters, letters, letters))
                    .contains(pipeline.simulator.billedUsd().toPlainString() + " USD");

            long calls = pipeline.simulator.chargedRequests();
            Path again = folder.resolve("again.csv");
            Commands.Ran second =
                    submit(
                            pipeline,
                            "seo",
                            csv,
                            "--out",
                            again.toString(),
                            "--attribute-columns",
                            "lang");
            assertThat(second.exitCode()).as(second.err()).isEqualTo(ExitCode.DEAD_LETTERS);
            assertThat(second.err())
                    .contains(
                            "%,d of them had ended before and were not sent again".formatted(ROWS))
                    .contains("0 input and 0 output tokens, 0 USD");
            assertThat(pipeline.simulator.chargedRequests()).isEqualTo(calls);
            assertThat(Files.readAllLines(again))
                    .hasSize(ROWS + 1)
                    .anySatisfy(line -> assertThat(line).startsWith("rows.csv:1,row1,ann,"));
        }
    }

    @Test
    void filesOfAFolderAreSubmittedAndSharedTheSecondTime() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            prepare(pipeline);
            pipeline.start(EnumSet.allOf(Role.class));
            Path pages = Files.createDirectories(folder.resolve("pages/sub"));
            for (int i = 0; i < FILES; i++) {
                Files.writeString(pages.resolve("page%03d.html".formatted(i)), Pipeline.page(i));
            }
            Path out = folder.resolve("out");
            Path source = folder.resolve("pages");

            Commands.Ran ran =
                    submit(pipeline, "seo", source, "--out", out.toString(), "--run", "r1");

            assertThat(ran.exitCode()).as(ran.err()).isZero();
            for (int i = 0; i < FILES; i++) {
                assertThat(out.resolve("sub/page%03d.html.result.json".formatted(i)))
                        .content()
                        .contains("\"title_tag\" : \"Page number " + i + "\"");
            }
            assertThat(pipeline.simulator.chargedRequests()).isEqualTo(FILES);
            Commands.Ran fresh =
                    submit(pipeline, "seo", source, "--id-from", "random", "--wait", "--json");
            assertThat(fresh.exitCode()).as(fresh.err()).isZero();
            assertThat(fresh.err()).contains("%d got the result of another".formatted(FILES));
            assertThat(json(fresh.out().lines().toList()))
                    .hasSize(FILES)
                    .allMatch(line -> line.path("outcome").asString().equals("RESULT"))
                    .noneMatch(line -> line.path("endedBefore").asBoolean());
            assertThat(pipeline.simulator.chargedRequests()).isEqualTo(FILES);
        }
    }

    @Test
    void idThatIsInUseForAnotherAnalysisIsReported() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            prepare(pipeline);
            pipeline.start(EnumSet.allOf(Role.class));
            Path csv = rows(2);
            assertThat(submit(pipeline, "seo", csv, "--wait").exitCode()).isZero();

            assertThat(fails(pipeline, "support-ticket", csv.toString(), "--user", "ann", "--wait"))
                    .containsPattern(
                            "rows.csv:\\d: the id row\\d was used for the analysis seo already; a"
                                    + " requestId is for one analysis");
        }
    }

    @Test
    void killedSubmissionGoesOnWhereItWas() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            prepare(pipeline);
            pipeline.start(EnumSet.allOf(Role.class));
            Path csv = rows(300);
            Path out = folder.resolve("answers.csv");
            try (JavaProcess command =
                    Commands.start(
                            pipeline,
                            folder,
                            folder.resolve("submit.log"),
                            arguments("seo", csv, "--out", out.toString(), "--rate", "50/s"))) {
                await().atMost(PATIENCE)
                        .until(() ->
                                pipeline.simulator.chargedRequests() >= 60 || !command.isAlive());
                assertThat(command.isAlive()).as(command.log()).isTrue();
                command.kill();
            }
            assertThat(out).doesNotExist();

            Commands.Ran ran =
                    submit(
                            pipeline,
                            "seo",
                            csv,
                            "--out",
                            out.toString(),
                            "--attribute-columns",
                            "lang");

            assertThat(ran.exitCode()).as(ran.err()).isZero();
            assertThat(ran.err()).contains("300 results").contains("had ended before");
            assertThat(Files.readAllLines(out)).hasSize(301);
            assertThat(pipeline.simulator.chargedRequests()).isEqualTo(300);
            assertThat(Files.list(folder)).noneMatch(file -> file.toString().endsWith(".part"));
        }
    }

    @Test
    void publishingWaitsForAdmission() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            prepare(pipeline);
            Path csv = rows(MANY);
            Path log = folder.resolve("submit.log");
            try (JavaProcess command =
                    Commands.start(pipeline, folder, log, arguments("seo", csv))) {
                await().atMost(PATIENCE)
                        .untilAsserted(() ->
                                assertThat(Files.readString(log))
                                        .contains("requests to read; more are sent when"));
                assertThat(Files.readString(log)).doesNotContain("published as run");
                assertThat(command.isAlive()).isTrue();

                pipeline.start(EnumSet.of(Role.ADMISSION));

                assertThat(command.await()).as(command.log()).isZero();
                assertThat(Files.readString(log))
                        .contains("%,d requests published as run submit-".formatted(MANY))
                        .contains("sluice results --run submit-");
            }
        }
    }

    @Test
    void outcomesComeThroughAnOutageOfTheRegistry() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            prepare(pipeline);
            pipeline.start(EnumSet.allOf(Role.class));
            publishUnknown(pipeline, "before");
            assertThat(pipeline.committed.awaitOutcomes(1, PATIENCE)).hasSize(1);
            Path csv = rows(40);
            CompletableFuture<Commands.Ran> running =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return submit(pipeline, "seo", csv, "--wait", "--rate", "10/s");
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            },
                            Thread::startVirtualThread);
            await().atMost(PATIENCE).until(() -> pipeline.simulator.chargedRequests() >= 10);
            pipeline.registry.fail(503);
            int asked = pipeline.registry.requests().size();
            // The command does not have the schema of dead letters yet.
            publishUnknown(pipeline, "during");
            await().atMost(PATIENCE)
                    .until(() ->
                            pipeline.registry.requests().size() > asked + 2
                                    && pipeline.simulator.chargedRequests() >= 25);
            pipeline.registry.recover();

            Commands.Ran ran = running.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(ran.exitCode()).as(ran.err()).isZero();
            assertThat(ran.err()).contains("40 requests: 40 results");
        }
    }

    @Test
    void mistakesAreReportedWithTheirFixAndNothingIsPublished() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            Path csv = rows(3);
            assertThat(submit(pipeline, "seo", csv).err())
                    .contains("the schema registry does not know this schema; run sluice topics");
            prepare(pipeline);
            assertThat(fails(pipeline, "soe", csv.toString(), "--user", "ann"))
                    .contains("there is no analysis soe; did you mean seo?");
            assertThat(fails(pipeline, "seo", csv.toString()))
                    .contains("rows.csv:1: names no user; --user says who pays (and 2 more like")
                    .contains("nothing is submitted: no item is valid");
            assertThat(fails(pipeline, "seo", folder.resolve("no").toString()))
                    .contains("there is no file or folder");
            assertThat(fails(pipeline, "seo", csv.toString(), "--timeout", "3s"))
                    .contains("--timeout needs --wait or --out");
            assertThat(fails(pipeline, "seo", csv.toString(), "--rate", "fast").lines())
                    .hasSize(2)
                    .anyMatch(line -> line.contains("'fast' is not a rate"))
                    .anyMatch(line -> line.equals("sluice submit --help shows what it takes"));
            assertThat(fails(pipeline, "seo", csv.toString(), "--priority", "unknown"))
                    .contains("expected one of [INTERACTIVE, BULK]");
            Path mixed = Files.writeString(folder.resolve("mixed.csv"), "text\nfine\n\" \"\n");
            assertThat(fails(pipeline, "seo", mixed.toString(), "--user", "ann"))
                    .contains("mixed.csv:2: content is empty")
                    .contains("1 of 2 items cannot be submitted; nothing was published.")
                    .contains("--skip-invalid publishes the others");
            Commands.Ran unserved = submit(pipeline, "seo", csv, "--wait", "--timeout", "1s");
            assertThat(unserved.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(unserved.err())
                    .contains("3 without an outcome", "The same command waits for it again");
        }
    }

    private static void publishUnknown(Pipeline pipeline, String id) {
        AnalysisRequest unknown = Pipeline.request(id, Pipeline.page(1));
        unknown.setAnalysis("nothing");
        pipeline.publish(unknown);
    }

    private void prepare(Pipeline pipeline) throws IOException {
        pipeline.limits = limits();
        Commands.Ran created = run(pipeline, "topics", "create");
        assertThat(created.exitCode()).as(created.err()).isZero();
    }

    private String fails(Pipeline pipeline, String... arguments) throws IOException {
        String[] all = new String[arguments.length + 1];
        all[0] = "submit";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        Commands.Ran ran = run(pipeline, all);
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(ExitCode.MISUSED);
        assertThat(ran.err()).doesNotContain("\tat ");
        return ran.err();
    }

    private Commands.Ran submit(Pipeline pipeline, String analysis, Path source, String... options)
            throws IOException {
        return run(pipeline, arguments(analysis, source, options));
    }

    private static String[] arguments(String analysis, Path source, String... options) {
        List<String> all =
                new ArrayList<>(List.of("submit", analysis, source.toString(), "--user", "ann"));
        all.addAll(List.of(options));
        return all.toArray(String[]::new);
    }

    private Commands.Ran run(Pipeline pipeline, String... arguments) throws IOException {
        return Commands.run(pipeline, folder, arguments);
    }

    private Path rows(int count) throws IOException {
        StringBuilder csv = new StringBuilder("id,html,lang\n");
        for (int i = 1; i <= count; i++) {
            csv.append("row%d,\"%s\",de%n".formatted(i, Pipeline.page(i)));
        }
        return Files.writeString(folder.resolve("rows.csv"), csv);
    }

    private static List<JsonNode> json(List<String> lines) {
        return lines.stream().map(JsonMapper.shared()::readTree).toList();
    }

    private static UserLimits limits() {
        return new UserLimits(
                new Budgets(new Cost(new BigDecimal("1000000")), Map.of(), ZoneOffset.UTC),
                Ceilings.NONE,
                Rates.ofEach(1_000_000),
                1_000_000,
                1_000_000);
    }
}
