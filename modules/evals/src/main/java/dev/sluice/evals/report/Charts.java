package dev.sluice.evals.report;

import dev.sluice.evals.baseline.Baseline;
import dev.sluice.evals.result.TargetResult;
import dev.sluice.evals.stats.PassRate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jsoup.nodes.Element;

/** Pictures of a report, as SVG. */
final class Charts {
    private static final int WIDTH = 720;
    private static final int ROW = 34;
    private static final int LABEL = 240;
    private static final int MARGIN = 30;
    private static final int HEIGHT = 260;

    private Charts() {}

    /** For each target its pass rate and the interval. */
    static String rates(List<TargetResult> results) {
        Element svg = svg(results.size() * ROW + MARGIN, "Pass rates with their intervals");
        for (int percent = 0; percent <= 100; percent += 25) {
            double x = x(percent / 100.0);
            line(svg, "grid", x, 0, x, results.size() * ROW);
            text(svg, "middle", x, results.size() * ROW + 20.0, percent + " %");
        }
        for (int i = 0; i < results.size(); i++) {
            double y = i * ROW + ROW / 2.0;
            text(svg, "start", 0, y + 5, shortened(results.get(i).model()));
            Optional<PassRate> rate = results.get(i).passRate();
            if (rate.isPresent()) {
                line(svg, "interval", x(rate.get().low()), y, x(rate.get().high()), y);
                dot(svg, x(rate.get().rate()), y, tip(results.get(i).model(), rate.get()));
            }
        }
        return svg.outerHtml();
    }

    private static String tip(String name, PassRate rate) {
        return name + ": " + Numbers.percent(rate.rate()) + ", " + Numbers.interval(rate);
    }

    private static double x(double share) {
        return LABEL + share * (WIDTH - LABEL - MARGIN);
    }

    /** For each target what a valid output costs, and the pass rate. */
    static String costs(List<TargetResult> results) {
        Element svg = svg(HEIGHT + MARGIN, "Cost of a valid output against the pass rate");
        double most =
                results.stream()
                        .flatMap(result -> result.costPerValidUsd().stream())
                        .mapToDouble(Number::doubleValue)
                        .max()
                        .orElse(0);
        axes(svg);
        text(svg, "middle", WIDTH / 2.0, HEIGHT + 22.0, "USD a valid output, up to " + usd(most));
        for (TargetResult result : results) {
            if (result.passRate().isPresent() && result.costPerValidUsd().isPresent()) {
                PassRate rate = result.passRate().get();
                double cost = result.costPerValidUsd().get().doubleValue();
                double at = most == 0 ? 0 : cost / most;
                double x = 60 + at * (WIDTH - 220);
                line(svg, "interval", x, y(rate.low()), x, y(rate.high()));
                dot(svg, x, y(rate.rate()), tip(result.model(), rate) + ", " + usd(cost));
                text(svg, "start", x + 10, y(rate.rate()) + 5, shortened(result.model()));
            }
        }
        return svg.outerHtml();
    }

    /** What was accepted, in the order of time. */
    static String history(List<Baseline.Entry> history) {
        Element svg = svg(HEIGHT + MARGIN, "Accepted pass rates over time");
        axes(svg);
        double step = (WIDTH - 140.0) / Math.max(1, history.size() - 1);
        for (int i = 0; i < history.size(); i++) {
            Baseline.Entry entry = history.get(i);
            double x = 60 + i * step;
            line(svg, "interval", x, y(entry.low()), x, y(entry.high()));
            dot(
                    svg,
                    x,
                    y(entry.rate()),
                    "%s %s %s: %s"
                            .formatted(
                                    entry.at(),
                                    entry.fingerprint(),
                                    entry.model(),
                                    Numbers.percent(entry.rate())));
            if (i > 0) {
                double before = 60 + (i - 1) * step;
                line(svg, "trend", before, y(history.get(i - 1).rate()), x, y(entry.rate()));
            }
        }
        text(svg, "start", 60, HEIGHT + 22.0, String.valueOf(history.getFirst().at()));
        text(svg, "end", WIDTH - 60.0, HEIGHT + 22.0, String.valueOf(history.getLast().at()));
        return svg.outerHtml();
    }

    private static void axes(Element svg) {
        for (int percent = 0; percent <= 100; percent += 25) {
            line(svg, "grid", 50, y(percent / 100.0), WIDTH - 20.0, y(percent / 100.0));
            text(svg, "end", 44, y(percent / 100.0) + 5, percent + " %");
        }
    }

    private static double y(double share) {
        return 10 + (1 - share) * (HEIGHT - 20);
    }

    private static String usd(double amount) {
        return String.format(Locale.ROOT, "%.6f", amount);
    }

    private static String shortened(String name) {
        return name.length() <= 28 ? name : name.substring(0, 27) + "…";
    }

    private static Element svg(int height, String title) {
        Element svg =
                new Element("svg")
                        .attr("viewBox", "0 0 " + WIDTH + " " + height)
                        .attr("role", "img")
                        .attr("aria-label", title);
        svg.appendElement("title").text(title);
        return svg;
    }

    private static void line(Element svg, String kind, double x1, double y1, double x2, double y2) {
        svg.appendElement("line")
                .addClass(kind)
                .attr("x1", number(x1))
                .attr("y1", number(y1))
                .attr("x2", number(x2))
                .attr("y2", number(y2));
    }

    private static void dot(Element svg, double x, double y, String tip) {
        svg.appendElement("circle")
                .addClass("dot")
                .attr("cx", number(x))
                .attr("cy", number(y))
                .attr("r", "6")
                .appendElement("title")
                .text(tip);
    }

    private static void text(Element svg, String anchor, double x, double y, String text) {
        svg.appendElement("text")
                .attr("x", number(x))
                .attr("y", number(y))
                .attr("text-anchor", anchor)
                .text(text);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
