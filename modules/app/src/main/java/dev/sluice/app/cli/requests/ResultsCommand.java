package dev.sluice.app.cli.requests;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.KnownAnalyses;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.cli.common.SafeText;
import dev.sluice.app.cli.common.Table;
import dev.sluice.app.cli.common.TimeOptions;
import dev.sluice.app.client.Newest;
import dev.sluice.app.client.OutcomeFollower;
import dev.sluice.app.client.OutcomeHistory;
import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.client.RecordJson;
import dev.sluice.app.client.UnreadRecords;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code sluice results}: shows results, and follows them. */
@Command(
        name = "results",
        mixinStandardHelpOptions = true,
        description = {
            "Shows results: the newest, that of one request, or with --follow all outcomes as they"
                    + " come.",
            "It reads the results of the last 24 hours, unless --since says otherwise."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice results --analysis seo --limit 20",
            "  sluice results --request ID",
            "  sluice results --follow --user ann",
            "  sluice results --run RUN --limit 100000 --json > results.jsonl"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:success",
            "1:--request: it has no outcome in this time",
            "2:a mistake in the command line or in the configuration",
            "3:--request: it ended as a dead letter",
        })
public final class ResultsCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(500);

    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private TimeOptions times = new TimeOptions();

    @Mixin private Output output = new Output();

    @Option(
            names = "--analysis",
            paramLabel = "NAME",
            split = ",",
            description = "Results of these analyses. Default: all of the configuration.")
    private List<String> analyses = List.of();

    @Option(names = "--user", paramLabel = "USER", description = "Results of this user.")
    private @Nullable String user;

    @Option(names = "--run", paramLabel = "RUN", description = "Results of this run.")
    private @Nullable String run;

    @Option(
            names = "--request",
            paramLabel = "ID",
            description = "The whole result of this request.")
    private @Nullable String request;

    @Option(
            names = "--follow",
            description =
                    "Show results and dead letters from now on, as they are published, until"
                            + " Ctrl-C.")
    private boolean follow;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "Show the newest N. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(
            names = "--json",
            description = "Whole records, one JSON object a line, instead of a table.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (limit < 1) {
            throw new CommandFailedException("--limit must be at least 1");
        }
        if (follow && request != null) {
            throw new CommandFailedException("--request and --follow exclude each other");
        }
        Logging.quiet();
        times.requireOrder();
        SluiceConfig loaded = config.load();
        List<String> asked = asked(Plans.knowledge(loaded));
        KafkaConnection kafka = Plans.kafkaForCommand(loaded);
        int[] exitCode = {0};
        KafkaTrouble.ask(
                kafka,
                () -> {
                    if (follow) {
                        follow(kafka, asked);
                    } else if (request != null) {
                        exitCode[0] = show(kafka, asked, request);
                    } else {
                        list(kafka, asked);
                    }
                });
        output.out().flush();
        return exitCode[0];
    }

    private List<String> asked(Knowledge knowledge) {
        if (analyses.isEmpty()) {
            return knowledge.analyses().all().stream().map(AnalysisDefinition::name).toList();
        }
        return analyses.stream().map(name -> KnownAnalyses.find(knowledge, name).name()).toList();
    }

    private void list(KafkaConnection kafka, List<String> asked) {
        Newest<OutcomeRecord> newest =
                new Newest<>(limit, Comparator.comparing(OutcomeRecord::endedAt));
        UnreadRecords unread =
                OutcomeHistory.read(
                        kafka,
                        topics(kafka, asked),
                        times.since(),
                        times.until(),
                        _ -> true,
                        result -> {
                            if (isMeant(result)) {
                                newest.add(result);
                            }
                        });
        warn(unread);
        List<OutcomeRecord> sorted = newest.sorted();
        if (json) {
            sorted.forEach(result -> output.out().println(RecordJson.line(result.value())));
        } else if (sorted.isEmpty()) {
            output.out()
                    .println(
                            "no such results since "
                                    + times.since().truncatedTo(ChronoUnit.SECONDS)
                                    + "; --since looks further back, and sluice dead-letters list"
                                    + " shows what ended without a result");
        } else {
            table(sorted);
            newest.remark().ifPresent(output.out()::println);
        }
    }

    private void table(List<OutcomeRecord> results) {
        Table table =
                new Table(
                        List.of(
                                Table.text("time (UTC)"),
                                Table.text("request"),
                                Table.text("user"),
                                Table.text("analysis"),
                                Table.text("model"),
                                Table.number("in"),
                                Table.number("out"),
                                Table.number("cost USD"),
                                Table.text("run"),
                                Table.text("paid by")));
        for (OutcomeRecord result : results) {
            table.row(
                    List.of(
                            Table.time(result.endedAt()),
                            result.requestId().orElse(""),
                            result.userId().orElse(""),
                            result.analysis().orElse(""),
                            result.model().orElse(""),
                            String.valueOf(result.inputTokens()),
                            String.valueOf(result.outputTokens()),
                            result.costUsd().toPlainString(),
                            result.runId().orElse(""),
                            result.paidBy().orElse("")));
        }
        table.print(output.out());
    }

    private int show(KafkaConnection kafka, List<String> asked, String requestId) {
        Optional<OutcomeRecord> found = newest(kafka, topics(kafka, asked), requestId);
        if (found.isPresent()) {
            output.out()
                    .println(
                            json
                                    ? RecordJson.line(found.get().value())
                                    : RecordJson.page(found.get().value())
                                            .lines()
                                            .map(SafeText::of)
                                            .collect(Collectors.joining("\n")));
            return 0;
        }
        Optional<OutcomeRecord> letter =
                newest(kafka, List.of(kafka.topics().deadLetters()), requestId);
        PrintWriter err = output.err();
        err.println(
                letter.map(dead ->
                                SafeText.of(requestId)
                                        + " ended as a dead letter at "
                                        + dead.endedAt()
                                        + ": "
                                        + dead.reason().orElse("")
                                        + "; sluice dead-letters show "
                                        + SafeText.of(requestId)
                                        + " has the details")
                        .orElse(
                                SafeText.of(requestId)
                                        + " has no outcome since "
                                        + times.since().truncatedTo(ChronoUnit.SECONDS)
                                        + "; --since looks further back. It may be waiting, or was"
                                        + " never published"));
        err.flush();
        return letter.isPresent() ? ExitCode.DEAD_LETTERS : ExitCode.FAILED;
    }

    /** The outcome to show of a request; several users may have one of this requestId. */
    private Optional<OutcomeRecord> newest(
            KafkaConnection kafka, List<String> topics, String requestId) {
        List<OutcomeRecord> found = new ArrayList<>();
        warn(
                OutcomeHistory.read(
                        kafka,
                        topics,
                        times.since(),
                        times.until(),
                        requestId::equals,
                        outcome -> {
                            if (isMeant(outcome)) {
                                found.add(outcome);
                            }
                        }));
        if (found.stream().map(OutcomeRecord::userId).distinct().count() > 1) {
            throw new CommandFailedException(
                    "several users have a request of this id: "
                            + found.stream()
                                    .flatMap(outcome -> outcome.userId().stream())
                                    .distinct()
                                    .sorted()
                                    .map(SafeText::of)
                                    .toList()
                            + "; choose one with --user");
        }
        return found.stream().reduce((one, other) -> other.replaces(one) ? other : one);
    }

    private void follow(KafkaConnection kafka, List<String> asked) {
        try (OutcomeFollower follower = OutcomeFollower.open(kafka, asked)) {
            if (!json) {
                output.out().println("outcomes from now on; Ctrl-C ends this");
                output.out().flush();
            }
            while (!Thread.currentThread().isInterrupted()) {
                for (OutcomeRecord outcome : follower.poll(POLL)) {
                    if (isMeant(outcome) && isOfAskedAnalysis(outcome, asked)) {
                        output.out()
                                .println(json ? RecordJson.line(outcome.value()) : line(outcome));
                    }
                }
                output.out().flush();
            }
        }
    }

    /** Dead letters of requests that name no known analysis belong to all. */
    private boolean isOfAskedAnalysis(OutcomeRecord outcome, List<String> asked) {
        return analyses.isEmpty() || outcome.analysis().map(asked::contains).orElse(false);
    }

    private static String line(OutcomeRecord outcome) {
        return "%s  %-32s  %-16s  %-16s  %-20s  %s USD"
                .formatted(
                        Table.time(outcome.endedAt()),
                        SafeText.orNone(outcome.requestId().orElse("")),
                        SafeText.orNone(outcome.userId().orElse("")),
                        SafeText.orNone(outcome.analysis().orElse("")),
                        outcome.reason().orElse("result"),
                        outcome.costUsd().toPlainString());
    }

    private boolean isMeant(OutcomeRecord outcome) {
        return (user == null || outcome.userId().filter(user::equals).isPresent())
                && (run == null || outcome.runId().filter(run::equals).isPresent());
    }

    private static List<String> topics(KafkaConnection kafka, List<String> asked) {
        return asked.stream().map(kafka.topics()::results).toList();
    }

    private void warn(UnreadRecords unread) {
        PrintWriter err = output.err();
        unread.warning().ifPresent(err::println);
        err.flush();
    }
}
