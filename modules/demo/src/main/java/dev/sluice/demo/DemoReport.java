package dev.sluice.demo;

import dev.sluice.app.cli.common.Terminal;
import dev.sluice.simulator.Simulator;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Prints the demo's progress on stderr, and one line per page and a summary on stdout. With {@code
 * --json}, stdout has one JSON object only, and the rest goes to stderr.
 */
final class DemoReport {
    private static final int TITLE_WIDTH = 44;

    private final PrintWriter out;
    private final PrintWriter lines;
    private final boolean json;
    private @Nullable ProgressBar progress;

    DemoReport(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
        this.lines =
                json
                        ? new PrintWriter(
                                new java.io.OutputStreamWriter(
                                        System.err, java.nio.charset.StandardCharsets.UTF_8),
                                true)
                        : out;
    }

    void starting(int pages, Path folder) {
        lines.println("Starting Kafka, the schema registry and Sluice in this process …");
        lines.printf("%d pages from %s%n", pages, folder);
        if (Terminal.isInteractive()) {
            progress =
                    new ProgressBarBuilder()
                            .setTaskName("pages")
                            .setInitialMax(pages)
                            .setStyle(me.tongfei.progressbar.ProgressBarStyle.ASCII)
                            .build();
        }
    }

    void ready(DemoStack stack) {
        lines.println(source(stack));
        lines.printf("Watch it at %s/console%n", stack.httpUrl());
        lines.printf(
                "%n%-28s %-44s %8s %6s %7s %12s %7s%n",
                "PAGE", "TITLE", "PRIORITY", "ISSUES", "TOKENS", "COST USD", "MS");
    }

    void outcome(DemoOutcome outcome, int done, int all) {
        if (progress != null) {
            progress.stepTo(done);
        }
        String tokens = String.valueOf(outcome.inputTokens() + outcome.outputTokens());
        String cost = outcome.cost().toPlainString();
        if (!outcome.isResult()) {
            lines.printf(
                    "%-28s %-44s %8s %6s %7s %12s %7d%n",
                    cut(outcome.page(), 28),
                    "dead letter: " + outcome.reason(),
                    "-",
                    "-",
                    tokens,
                    cost,
                    outcome.milliseconds());
            return;
        }
        GenericRecord output = (GenericRecord) outcome.record().get("output");
        lines.printf(
                "%-28s %-44s %8s %6s %7s %12s %7d%n",
                cut(outcome.page(), 28),
                cut(text(output, "title_tag"), TITLE_WIDTH),
                text(output, "priority_score"),
                size(output, "issues"),
                tokens,
                cost,
                outcome.milliseconds());
    }

    void finished(DemoSummary summary, DemoStack stack) {
        if (progress != null) {
            progress.close();
        }
        lines.printf(
                "%n%d requests: %d results, %d dead letters%s%n",
                summary.requests(),
                summary.results(),
                summary.deadLetters(),
                summary.deadLettersByReason().isEmpty() ? "" : " " + summary.deadLettersByReason());
        summary.missing().forEach((page, why) -> lines.printf("MISSING %s: %s%n", page, why));
        lines.printf(
                Locale.ROOT,
                "%d input and %d output tokens, %s USD, %.1f s%n",
                summary.inputTokens(),
                summary.outputTokens(),
                summary.spend().toPlainString(),
                summary.elapsed().toMillis() / 1000.0);
        stack.sandbox().simulator().ifPresent(simulator -> compareBills(summary, simulator));
        lines.println(source(stack));
        if (json) {
            out.println(object(summary, stack));
        }
    }

    void keeping(DemoStack stack) {
        if (json) {
            ObjectNode places = JsonMapper.shared().createObjectNode();
            places.put("bootstrapServers", stack.sandbox().bootstrapServers());
            places.put("schemaRegistryUrl", stack.sandbox().registryUrl());
            places.put("httpUrl", stack.httpUrl().toString());
            places.put("consoleUrl", stack.httpUrl() + "/console");
            out.println(places);
            return;
        }
        lines.printf("%nStill running until Ctrl-C:%n");
        lines.printf("  console          %s/console%n", stack.httpUrl());
        lines.printf("  Kafka            %s%n", stack.sandbox().bootstrapServers());
        lines.printf("  schema registry  %s%n", stack.sandbox().registryUrl());
        lines.printf("  metrics, health  %s/metrics%n", stack.httpUrl());
    }

    private void compareBills(DemoSummary summary, Simulator simulator) {
        BigDecimal billed = simulator.billedUsd();
        boolean equal = billed.compareTo(summary.spend()) == 0;
        lines.printf(
                "The simulator's own bill: %s USD for %d calls, %s%n",
                billed.setScale(9, java.math.RoundingMode.UNNECESSARY).toPlainString(),
                simulator.chargedRequests(),
                equal ? "equal to the last digit" : "NOT EQUAL to what was booked");
    }

    private static String source(DemoStack stack) {
        return stack.sandbox().simulator().isPresent()
                ? "Answers come from the SIMULATOR: rules, not a model. No provider is called,"
                        + " nothing is paid."
                : "Answers come from the REAL PROVIDER. This costs money.";
    }

    private ObjectNode object(DemoSummary summary, DemoStack stack) {
        ObjectNode object = JsonMapper.shared().createObjectNode();
        object.put("requests", summary.requests());
        object.put("results", summary.results());
        object.put("deadLetters", summary.deadLetters());
        ObjectNode reasons = object.putObject("deadLettersByReason");
        summary.deadLettersByReason().forEach(reasons::put);
        object.put("missing", summary.missing().size());
        object.put("inputTokens", summary.inputTokens());
        object.put("outputTokens", summary.outputTokens());
        object.put("spendUsd", summary.spend().toPlainString());
        stack.sandbox()
                .simulator()
                .ifPresent(simulator -> {
                    object.put(
                            "simulatorBillUsd",
                            simulator
                                    .billedUsd()
                                    .setScale(9, java.math.RoundingMode.UNNECESSARY)
                                    .toPlainString());
                    object.put("simulatorCalls", simulator.requests());
                });
        object.put("elapsedSeconds", summary.elapsed().toMillis() / 1000.0);
        object.put(
                "model",
                summary.outcomes().stream()
                        .filter(DemoOutcome::isResult)
                        .map(outcome -> outcome.record().get("model").toString())
                        .findFirst()
                        .orElse(""));
        object.put("source", stack.sandbox().simulator().isPresent() ? "simulator" : "provider");
        return object;
    }

    private static String text(GenericRecord output, String field) {
        return output.hasField(field) ? String.valueOf(output.get(field)) : "-";
    }

    private static String size(GenericRecord output, String field) {
        return output.hasField(field) && output.get(field) instanceof Collection<?> items
                ? String.valueOf(items.size())
                : "-";
    }

    private static String cut(String text, int width) {
        return text.codePointCount(0, text.length()) <= width
                ? text
                : text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
    }
}
