package dev.sluice.app.cli.evals;

import dev.sluice.app.cli.common.SafeText;
import dev.sluice.app.cli.common.Table;
import dev.sluice.evals.baseline.Baseline;
import dev.sluice.evals.report.EvalReport;
import dev.sluice.evals.report.Numbers;
import dev.sluice.evals.result.CaseResult;
import dev.sluice.evals.result.TargetResult;
import dev.sluice.evals.run.CaseRun;
import dev.sluice.evals.stats.PassRate;
import dev.sluice.evals.stats.Tally;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The report of an eval for people at a terminal. */
final class EvalText {
    /** Most differences that are shown of a case. */
    private static final int SHOWN = 3;

    private final PrintWriter out;

    EvalText(PrintWriter out) {
        this.out = out;
    }

    void print(EvalReport report) {
        List<TargetResult> results = report.results();
        out.println();
        printRates(results);
        printNotJudged(results);
        for (TargetResult result : results) {
            printTags(result, results.size() > 1);
        }
        for (TargetResult result : results) {
            printFailed(result, results.size() > 1);
        }
        report.comparisons().forEach(against -> printComparison(against, report.others()));
        results.forEach(result ->
                report.againstBaseline(result)
                        .ifPresent(against -> printBaseline(result, against, results.size())));
    }

    private void printRates(List<TargetResult> results) {
        Table table =
                new Table(
                        List.of(
                                Table.whole("model"),
                                Table.number("passed"),
                                Table.number("95 % interval"),
                                Table.number("all repeats"),
                                Table.number("valid at once"),
                                Table.number("repaired"),
                                Table.number("USD a valid output"),
                                Table.number("p50"),
                                Table.number("p95")));
        for (TargetResult result : results) {
            Optional<PassRate> rate = result.passRate();
            table.row(
                    List.of(
                            result.model(),
                            rate.map(PassRate::rate).map(Numbers::percent).orElse("–"),
                            rate.map(Numbers::interval).orElse("–"),
                            Numbers.percent(result.passAll()),
                            Numbers.percent(result.firstTry()),
                            Numbers.percent(result.repaired()),
                            result.costPerValidUsd().map(Numbers::usd).orElse("–"),
                            Numbers.seconds(result.seconds(0.5)),
                            Numbers.seconds(result.seconds(0.95))));
        }
        table.print(out);
        for (TargetResult result : results) {
            out.printf(
                    Locale.ROOT,
                    "%s: %,d input and %,d output tokens, %s USD%s%n",
                    result.model(),
                    result.inputTokens(),
                    result.outputTokens(),
                    Numbers.usd(result.costUsd()),
                    result.notJudged() == 0
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    "; %,d runs say nothing of the model",
                                    result.notJudged()));
        }
    }

    /** Why runs say nothing of the model. */
    private void printNotJudged(List<TargetResult> results) {
        results.stream()
                .flatMap(result -> result.results().stream())
                .flatMap(one -> one.runs().stream())
                .filter(run -> !run.isJudged())
                .map(CaseRun::failure)
                .distinct()
                .limit(SHOWN)
                .forEach(failure -> out.println("  not judged: " + SafeText.of(failure)));
    }

    private void printTags(TargetResult result, boolean withModel) {
        if (result.byTag().isEmpty()) {
            return;
        }
        out.println();
        Table table =
                new Table(
                        List.of(
                                Table.whole(withModel ? "tag, with " + result.model() : "tag"),
                                Table.number("cases"),
                                Table.number("passed"),
                                Table.number("95 % interval")));
        result.byTag()
                .forEach((tag, rate) ->
                        table.row(
                                List.of(
                                        tag,
                                        String.valueOf(rate.cases()),
                                        Numbers.percent(rate.rate()),
                                        Numbers.interval(rate))));
        table.print(out);
    }

    private void printFailed(TargetResult result, boolean withModel) {
        List<CaseResult> failed =
                result.results().stream()
                        .filter(one ->
                                one.tally()
                                        .filter(tally -> tally.passes() < tally.repeats())
                                        .isPresent())
                        .toList();
        if (failed.isEmpty()) {
            return;
        }
        out.println();
        out.println(withModel ? "not always passed, with " + result.model() : "not always passed");
        for (CaseResult one : failed) {
            Tally tally = one.tally().orElseThrow();
            out.printf("  %s: %d of %d%n", one.asked().id(), tally.passes(), tally.repeats());
            differences(one).forEach(line -> out.println("    " + SafeText.of(line)));
        }
    }

    private static List<String> differences(CaseResult one) {
        List<String> lines = new ArrayList<>();
        for (CaseRun run : one.runs()) {
            if (run.isJudged() && !run.isPassed()) {
                if (!run.failure().isEmpty()) {
                    lines.add(run.failure());
                }
                run.differences()
                        .forEach(difference ->
                                lines.add(
                                        difference
                                                + run.came(difference.path())
                                                        .map(came -> ", came " + Table.cut(came))
                                                        .orElse("")));
            }
        }
        List<String> distinct = lines.stream().distinct().toList();
        List<String> shown = new ArrayList<>(distinct.subList(0, Math.min(SHOWN, distinct.size())));
        if (distinct.size() > SHOWN) {
            shown.add("and " + (distinct.size() - SHOWN) + " more");
        }
        return shown;
    }

    private void printComparison(EvalReport.Against against, int comparisons) {
        out.println();
        out.printf(
                "%s beside %s: %s, %s%n",
                against.other().model(),
                against.first().model(),
                Numbers.points(against.comparison().difference()),
                Numbers.verdict(against.comparison(), comparisons));
        against.repeatsToTell()
                .ifPresent(repeats -> {
                    if (repeats > against.first().repeats()) {
                        out.printf(
                                Locale.ROOT,
                                "  about --repeat %,d would tell such a difference%n",
                                repeats);
                    }
                });
    }

    private void printBaseline(TargetResult result, Baseline.Against against, int comparisons) {
        out.println();
        out.printf(
                "%s beside its baseline (version %s, accepted %s), %d cases: %s, %s%n",
                result.model(),
                against.accepted().fingerprint(),
                Table.time(against.accepted().acceptedAt()),
                against.cases(),
                Numbers.points(against.comparison().difference()),
                against.comparison().isWorse(comparisons)
                        ? "worse by more than chance ("
                                + Numbers.chance(against.comparison().pWorse())
                                + ")"
                        : "not worse by more than chance");
        if (!against.changed().isEmpty()) {
            out.println("  new or changed, not compared: " + String.join(", ", against.changed()));
        }
        if (!against.gone().isEmpty()) {
            out.println("  gone: " + String.join(", ", against.gone()));
        }
    }
}
