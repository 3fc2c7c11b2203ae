package dev.sluice.evals.report;

import dev.sluice.evals.result.CaseResult;
import dev.sluice.evals.result.TargetResult;
import dev.sluice.evals.run.CaseRun;
import dev.sluice.evals.stats.Comparison;
import dev.sluice.evals.stats.PassRate;
import java.util.Locale;
import java.util.OptionalDouble;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A report for programs. Shares are from 0 to 1, amounts in USD, times in seconds. */
public final class JsonReport {
    /** Amounts without an exponent. */
    private static final JsonMapper PLAIN =
            JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

    private JsonReport() {}

    /** The report on one line. */
    public static String line(EvalReport report) {
        return PLAIN.writeValueAsString(of(report));
    }

    /** The report on a page. */
    public static String page(EvalReport report) {
        return PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(of(report)) + "\n";
    }

    private static ObjectNode of(EvalReport report) {
        ObjectNode root = JsonMapper.shared().createObjectNode();
        root.put("analysis", report.analysis()).put("at", report.at().toString());
        ArrayNode targets = root.putArray("targets");
        report.results().forEach(result -> add(targets.addObject(), result, report));
        ArrayNode comparisons = root.putArray("comparisons");
        for (EvalReport.Against against : report.comparisons()) {
            ObjectNode one =
                    comparisons
                            .addObject()
                            .put("first", against.first().model())
                            .put("other", against.other().model());
            add(one, against.comparison(), report.others());
            against.repeatsToTell().ifPresent(repeats -> one.put("repeatsToTell", repeats));
        }
        return root;
    }

    private static void add(ObjectNode target, TargetResult result, EvalReport report) {
        target.put("fingerprint", result.fingerprint()).put("model", result.model());
        target.put("repeats", result.repeats());
        result.passRate().ifPresent(rate -> add(target.putObject("passRate"), rate));
        put(target, "passAll", result.passAll());
        put(target, "firstTry", result.firstTry());
        put(target, "repaired", result.repaired());
        target.put("notJudged", result.notJudged());
        target.put("costUsd", result.costUsd());
        result.costPerValidUsd().ifPresent(cost -> target.put("costPerValidUsd", cost));
        target.put("inputTokens", result.inputTokens());
        target.put("outputTokens", result.outputTokens());
        put(target, "secondsP50", result.seconds(0.5));
        put(target, "secondsP95", result.seconds(0.95));
        ObjectNode tags = target.putObject("byTag");
        result.byTag().forEach((tag, rate) -> add(tags.putObject(tag), rate));
        report.againstBaseline(result)
                .ifPresent(against -> {
                    ObjectNode baseline = target.putObject("baseline");
                    baseline.put("fingerprint", against.accepted().fingerprint());
                    baseline.put("acceptedAt", against.accepted().acceptedAt().toString());
                    baseline.put("cases", against.cases());
                    baseline.put("isWorse", against.comparison().isWorse(report.results().size()));
                    against.changed().forEach(baseline.putArray("changedCases")::add);
                    against.gone().forEach(baseline.putArray("goneCases")::add);
                    add(baseline, against.comparison(), report.results().size());
                });
        ArrayNode cases = target.putArray("cases");
        result.results().forEach(one -> add(cases.addObject(), one));
    }

    private static void add(ObjectNode into, CaseResult result) {
        into.put("id", result.asked().id()).put("hash", result.asked().hash());
        result.asked().tags().stream().sorted().forEach(into.putArray("tags")::add);
        result.tally()
                .ifPresent(tally ->
                        into.put("passes", tally.passes()).put("repeats", tally.repeats()));
        ArrayNode runs = into.putArray("runs");
        result.runs().forEach(run -> runs.add(tree(run)));
    }

    private static ObjectNode tree(CaseRun run) {
        ObjectNode tree = JsonMapper.shared().valueToTree(run);
        if (Double.isNaN(run.seconds())) {
            tree.remove("seconds");
        }
        return tree;
    }

    private static void add(ObjectNode into, PassRate rate) {
        into.put("rate", rate.rate()).put("low", rate.low()).put("high", rate.high());
        into.put("cases", rate.cases());
    }

    private static void add(ObjectNode into, Comparison comparison, int comparisons) {
        into.put("difference", comparison.difference());
        into.put("probabilityOfWorse", comparison.pWorse());
        into.put("probabilityOfBetter", comparison.pBetter());
        into.put("verdict", comparison.verdict(comparisons).name().toLowerCase(Locale.ROOT));
    }

    private static void put(ObjectNode into, String name, OptionalDouble value) {
        value.ifPresent(number -> into.put(name, number));
    }
}
