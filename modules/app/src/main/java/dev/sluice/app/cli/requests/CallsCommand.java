package dev.sluice.app.cli.requests;

import dev.sluice.app.calls.CallFilter;
import dev.sluice.app.calls.CallGroups;
import dev.sluice.app.calls.CallGroups.By;
import dev.sluice.app.calls.CallReader;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.cli.common.Table;
import dev.sluice.app.cli.common.TimeOptions;
import dev.sluice.app.client.Newest;
import dev.sluice.app.client.RecordJson;
import dev.sluice.app.config.Plans;
import dev.sluice.contract.ModelCall;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The command {@code sluice calls}: shows the bill. */
@Command(
        name = "calls",
        mixinStandardHelpOptions = true,
        description = {
            "Shows calls to models, and what they cost: the newest, or sums with --by.",
            "It reads the calls of the last 24 hours, unless --since says otherwise."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice calls --by user,model --since 7d",
            "  sluice calls --by status --analysis seo",
            "  sluice calls --request ID",
            "  sluice calls --since 2026-11-01 --until 2026-12-01 --by day --json"
        })
public final class CallsCommand implements Callable<Integer> {
    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private TimeOptions times = new TimeOptions();

    @Mixin private Output output = new Output();

    @Option(
            names = "--by",
            paramLabel = "PROPERTY",
            split = ",",
            description =
                    "Add up for each of: user, analysis, version, model, provider, day, status,"
                            + " purpose, run, request; several with commas.")
    private List<By> by = List.of();

    @Option(names = "--user", paramLabel = "USER", description = "Calls of this user.")
    private @Nullable String user;

    @Option(names = "--request", paramLabel = "ID", description = "Calls of this request.")
    private @Nullable String request;

    @Option(names = "--analysis", paramLabel = "NAME", description = "Calls of this analysis.")
    private @Nullable String analysis;

    @Option(names = "--model", paramLabel = "MODEL", description = "Calls to this model.")
    private @Nullable String model;

    @Option(names = "--run", paramLabel = "RUN", description = "Calls of this run.")
    private @Nullable String run;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description =
                    "Show the newest N calls, or the N most expensive groups. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--json", description = "One JSON object a line instead of a table.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (limit < 1) {
            throw new CommandFailedException("--limit must be at least 1");
        }
        Logging.quiet();
        times.requireOrder();
        CallFilter filter =
                new CallFilter(
                        times.since(),
                        times.until(),
                        Optional.ofNullable(user),
                        Optional.ofNullable(request),
                        Optional.ofNullable(analysis),
                        Optional.ofNullable(model),
                        Optional.ofNullable(run));
        KafkaConnection kafka = Plans.kafkaForCommand(config.load());
        if (by.isEmpty()) {
            list(kafka, filter);
        } else {
            sum(kafka, filter);
        }
        output.out().flush();
        return 0;
    }

    private void read(KafkaConnection kafka, CallFilter filter, Consumer<ModelCall> each)
            throws InterruptedException {
        PrintWriter err = output.err();
        KafkaTrouble.ask(
                kafka,
                () -> CallReader.read(kafka, filter, each).warning().ifPresent(err::println));
        err.flush();
    }

    private void list(KafkaConnection kafka, CallFilter filter) throws InterruptedException {
        Newest<ModelCall> newest =
                new Newest<>(limit, Comparator.comparing(ModelCall::getStartedAt));
        read(kafka, filter, newest::add);
        List<ModelCall> sorted = newest.sorted();
        if (json) {
            sorted.forEach(call -> output.out().println(RecordJson.line(call)));
        } else if (sorted.isEmpty()) {
            printNone();
        } else {
            table(sorted);
            newest.remark().ifPresent(output.out()::println);
        }
    }

    private void table(List<ModelCall> calls) {
        Table table =
                new Table(
                        List.of(
                                Table.text("time (UTC)"),
                                Table.text("request"),
                                Table.text("user"),
                                Table.text("analysis"),
                                Table.text("model"),
                                Table.text("status"),
                                Table.number("in"),
                                Table.number("out"),
                                Table.number("cost USD"),
                                Table.number("ms"),
                                Table.text("purpose")));
        for (ModelCall call : calls) {
            table.row(
                    List.of(
                            Table.time(call.getStartedAt()),
                            call.getRequestId(),
                            call.getUserId(),
                            call.getAnalysis(),
                            call.getModel(),
                            call.getStatus().name(),
                            String.valueOf(call.getUsage().getInputTokens()),
                            String.valueOf(call.getUsage().getOutputTokens()),
                            call.getCostUsd().toPlainString(),
                            String.valueOf(call.getDurationMillis()),
                            call.getPurpose().name()));
        }
        table.print(output.out());
    }

    private void sum(KafkaConnection kafka, CallFilter filter) throws InterruptedException {
        CallGroups groups = new CallGroups(by);
        read(kafka, filter, groups::add);
        List<CallGroups.Group> sorted = groups.mostExpensiveFirst();
        List<CallGroups.Group> shown = sorted.subList(0, Math.min(limit, sorted.size()));
        if (json) {
            shown.forEach(group -> output.out().println(line(group)));
        } else if (shown.isEmpty()) {
            printNone();
        } else {
            table(shown, groups.sum());
            if (shown.size() < sorted.size()) {
                output.out()
                        .printf(
                                Locale.ROOT,
                                "%nThese are the %d most expensive of %,d groups; the sum is of"
                                        + " all.%n",
                                shown.size(),
                                sorted.size());
            }
        }
    }

    private void table(List<CallGroups.Group> groups, CallGroups.Group sum) {
        List<Table.Column> columns =
                new ArrayList<>(by.stream().map(CallsCommand::name).map(Table::text).toList());
        columns.add(Table.number("calls"));
        columns.add(Table.number("input tokens"));
        columns.add(Table.number("output tokens"));
        columns.add(Table.number("cost USD"));
        columns.add(Table.number("unconfirmed USD"));
        Table table = new Table(columns);
        groups.forEach(group -> table.row(row(group.values(), group)));
        List<String> all = new ArrayList<>(by.stream().map(_ -> "").toList());
        all.set(0, "all");
        table.sum(row(all, sum));
        table.print(output.out());
    }

    private static List<String> row(List<String> values, CallGroups.Group group) {
        List<String> row = new ArrayList<>(values);
        row.add(String.format(Locale.ROOT, "%,d", group.calls()));
        row.add(String.format(Locale.ROOT, "%,d", group.inputTokens()));
        row.add(String.format(Locale.ROOT, "%,d", group.outputTokens()));
        row.add(group.costUsd().toPlainString());
        row.add(group.unconfirmedUsd().toPlainString());
        return row;
    }

    private String line(CallGroups.Group group) {
        ObjectNode line = JsonMapper.shared().createObjectNode();
        for (int i = 0; i < by.size(); i++) {
            line.put(name(by.get(i)), group.values().get(i));
        }
        line.put("calls", group.calls());
        line.put("inputTokens", group.inputTokens());
        line.put("outputTokens", group.outputTokens());
        line.put("costUsd", group.costUsd());
        line.put("unconfirmedUsd", group.unconfirmedUsd());
        return RecordJson.line(line);
    }

    private void printNone() {
        output.out()
                .println("no such calls since " + times.since() + "; --since looks further back");
    }

    private static String name(By by) {
        return by.name().toLowerCase(Locale.ROOT);
    }
}
