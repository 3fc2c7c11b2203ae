package dev.sluice.evals.report;

import dev.sluice.analysis.failure.Violation;
import dev.sluice.evals.baseline.Baseline;
import dev.sluice.evals.result.CaseResult;
import dev.sluice.evals.result.TargetResult;
import dev.sluice.evals.run.CaseRun;
import dev.sluice.evals.stats.PassRate;
import dev.sluice.evals.stats.Tally;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A report as one page of HTML that needs nothing else. */
public final class HtmlReport {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** What stays on one line: numbers, intervals and pairs of numbers. */
    private static final Pattern NUMBER = Pattern.compile("[\\d.,%–+ s-]{1,24}");

    private final EvalReport report;
    private final Document page = Document.createShell("");
    private final Element main;

    private HtmlReport(EvalReport report) {
        this.report = report;
        page.outputSettings().prettyPrint(false);
        page.title("Eval of " + report.analysis());
        page.selectXpath("/html").attr("lang", "en");
        Element head = page.head();
        head.prependElement("meta").attr("charset", "utf-8");
        head.appendElement("meta")
                .attr("name", "viewport")
                .attr("content", "width=device-width, initial-scale=1");
        head.appendElement("meta").attr("name", "color-scheme").attr("content", "light dark");
        head.appendElement("style").append(styles());
        this.main = page.body().appendElement("main");
    }

    /** The page of a report. */
    public static String of(EvalReport report) {
        HtmlReport html = new HtmlReport(report);
        html.write();
        return "<!doctype html>\n" + html.page.outerHtml() + "\n";
    }

    private static String styles() {
        try (InputStream file = HtmlReport.class.getResourceAsStream("report.css")) {
            if (file == null) {
                throw new IllegalStateException("report.css is missing from the class path");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void write() {
        main.appendElement("h1").text("Eval of " + report.analysis());
        main.appendElement("p")
                .addClass("quiet")
                .text(
                        report.at().truncatedTo(ChronoUnit.SECONDS)
                                + ", version "
                                + report.results().getFirst().fingerprint()
                                + ", "
                                + report.results().getFirst().results().size()
                                + " cases, each "
                                + report.results().getFirst().repeats()
                                + " times");
        verdicts();
        Element rates = section("Pass rates");
        rates.appendElement("p")
                .addClass("quiet")
                .text(
                        "The line is the interval in which the rate of all such cases lies with 95 % confidence.");
        rates.append(Charts.rates(report.results()));
        table(rates);
        if (report.results().size() > 1) {
            section("Cost and pass rate").append(Charts.costs(report.results()));
        }
        history();
        tags();
        report.results().forEach(this::cases);
    }

    private Element section(String title) {
        Element section = main.appendElement("section");
        section.appendElement("h2").text(title);
        return section;
    }

    private void verdicts() {
        for (TargetResult result : report.results()) {
            report.againstBaseline(result).ifPresent(against -> verdict(result, against));
        }
        for (EvalReport.Against against : report.comparisons()) {
            main.appendElement("p")
                    .addClass("verdict")
                    .text(
                            against.other().model()
                                    + " beside "
                                    + against.first().model()
                                    + ": "
                                    + Numbers.points(against.comparison().difference())
                                    + ", "
                                    + Numbers.verdict(against.comparison(), report.others())
                                    + against.repeatsToTell().stream()
                                            .filter(repeats -> repeats > against.first().repeats())
                                            .mapToObj(repeats ->
                                                    "; about "
                                                            + repeats
                                                            + " repeats would tell such a difference")
                                            .findFirst()
                                            .orElse(""));
        }
    }

    private void verdict(TargetResult result, Baseline.Against against) {
        boolean isWorse = against.comparison().isWorse(report.results().size());
        main.appendElement("p")
                .addClass("verdict")
                .addClass(isWorse ? "bad" : "good")
                .text(
                        result.model()
                                + (isWorse
                                        ? " is worse than its baseline by more than chance: "
                                        : " is within chance of its baseline, or better: ")
                                + Numbers.points(against.comparison().difference())
                                + " in "
                                + against.cases()
                                + " cases, since version "
                                + against.accepted().fingerprint());
    }

    private void table(Element section) {
        Element table = table(section, "What each model did");
        row(
                table.appendElement("thead"),
                "th",
                List.of(
                        "Model",
                        "Passed",
                        "95 % interval",
                        "All repeats",
                        "Valid at once",
                        "Repaired",
                        "USD a valid output",
                        "USD in all",
                        "Tokens in, out",
                        "p50",
                        "p95"));
        Element body = table.appendElement("tbody");
        for (TargetResult result : report.results()) {
            Optional<PassRate> rate = result.passRate();
            row(
                    body,
                    "td",
                    List.of(
                            result.model(),
                            rate.map(PassRate::rate).map(Numbers::percent).orElse("–"),
                            rate.map(Numbers::interval).orElse("–"),
                            Numbers.percent(result.passAll()),
                            Numbers.percent(result.firstTry()),
                            Numbers.percent(result.repaired()),
                            result.costPerValidUsd().map(Numbers::usd).orElse("–"),
                            Numbers.usd(result.costUsd()),
                            result.inputTokens() + ", " + result.outputTokens(),
                            Numbers.seconds(result.seconds(0.5)),
                            Numbers.seconds(result.seconds(0.95))));
        }
    }

    private static Element table(Element section, String caption) {
        Element scroll =
                section.appendElement("div")
                        .addClass("scroll")
                        .attr("tabindex", "0")
                        .attr("role", "region")
                        .attr("aria-label", caption);
        Element table = scroll.appendElement("table");
        table.appendElement("caption").text(caption);
        return table;
    }

    private static void row(Element body, String cell, List<String> texts) {
        Element row = body.appendElement("tr");
        for (int i = 0; i < texts.size(); i++) {
            Element made = row.appendElement(i == 0 ? "th" : cell).text(texts.get(i));
            if (cell.equals("th") || i == 0) {
                made.attr("scope", cell.equals("th") ? "col" : "row");
            } else if (NUMBER.matcher(texts.get(i)).matches()) {
                made.addClass("number");
            }
        }
    }

    private void history() {
        List<Baseline.Entry> history = report.baseline().map(Baseline::history).orElse(List.of());
        if (history.size() > 1) {
            section("What was accepted so far").append(Charts.history(history));
        }
    }

    private void tags() {
        if (report.results().stream().allMatch(result -> result.byTag().isEmpty())) {
            return;
        }
        Element section = section("By tag");
        Element table = table(section, "Pass rates by tag");
        row(
                table.appendElement("thead"),
                "th",
                List.of("Tag", "Model", "Cases", "Passed", "95 % interval"));
        Element body = table.appendElement("tbody");
        for (TargetResult result : report.results()) {
            result.byTag()
                    .forEach((tag, rate) ->
                            row(
                                    body,
                                    "td",
                                    List.of(
                                            tag,
                                            result.model(),
                                            String.valueOf(rate.cases()),
                                            Numbers.percent(rate.rate()),
                                            Numbers.interval(rate))));
        }
    }

    private void cases(TargetResult result) {
        Element section = section("Cases with " + result.model());
        for (CaseResult one : result.results()) {
            Element details = section.appendElement("details");
            String passed =
                    one.tally()
                            .map(tally -> tally.passes() + " of " + tally.repeats())
                            .orElse("not judged");
            boolean isGood = one.tally().map(HtmlReport::isAll).orElse(false);
            details.appendElement("summary")
                    .addClass(isGood ? "good" : "bad")
                    .text(one.asked().id() + ": " + passed);
            details.appendElement("p").text(one.asked().description());
            one.runs().stream().filter(run -> !run.isPassed()).forEach(run -> failed(details, run));
            if (isGood) {
                one.runs().stream()
                        .reduce((_, last) -> last)
                        .flatMap(CaseRun::output)
                        .ifPresent(output -> pre(details, "The last output", pretty(output)));
            }
        }
    }

    private static boolean isAll(Tally tally) {
        return tally.passes() == tally.repeats();
    }

    /** What was expected and what came, for one run. */
    private static void failed(Element details, CaseRun run) {
        details.appendElement("h3").text("Repeat " + run.slot().repeat());
        if (!run.failure().isEmpty()) {
            details.appendElement("p").text(run.failure());
        }
        if (!run.differences().isEmpty()) {
            Element table = table(details, "Differences of repeat " + run.slot().repeat());
            row(table.appendElement("thead"), "th", List.of("Where", "Expected", "Came"));
            Element body = table.appendElement("tbody");
            for (Violation difference : run.differences()) {
                row(
                        body,
                        "td",
                        List.of(
                                difference.path().isEmpty() ? "the whole" : difference.path(),
                                difference.message(),
                                run.came(difference.path()).orElse("–")));
            }
        }
        run.output().ifPresent(output -> pre(details, "The output", pretty(output)));
        for (String answer : run.answers()) {
            pre(details, "An answer", answer);
        }
    }

    private static String pretty(ObjectNode output) {
        return JSON.writeValueAsString(output);
    }

    private static void pre(Element details, String title, String text) {
        details.appendElement("h4").text(title);
        details.appendElement("pre").attr("tabindex", "0").text(text);
    }
}
