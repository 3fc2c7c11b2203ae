package dev.sluice.app.cli;

import dev.sluice.admission.canary.SequentialTest.Factor;
import dev.sluice.admission.canary.Trial;
import dev.sluice.admission.canary.TrialCounts;
import dev.sluice.admission.canary.TrialState;
import dev.sluice.admission.canary.VersionCounts;
import dev.sluice.app.cli.common.Table;
import dev.sluice.app.cli.common.Words;
import dev.sluice.evals.report.Numbers;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Prints the comparison of a canary with the current version. */
final class CanaryReport {
    private static final int WIDTH = 100;

    private CanaryReport() {}

    static void print(PrintWriter out, Trial trial, TrialCounts counts) {
        out.println(
                (counts.concluded(trial.share()) == TrialState.STOPPED
                                ? "%s: stopped; %d %% of the %ss got the canary"
                                : "%s: %d %% of the %ss get the canary")
                        .formatted(
                                trial.analysis(),
                                trial.canary().percent(),
                                trial.canary().unit().name().toLowerCase(Locale.ROOT)));
        out.println();
        Table table =
                new Table(
                        List.of(
                                Table.whole(trial.analysis()),
                                Table.number("current"),
                                Table.number("canary")));
        Rows rows = new Rows(table, counts);
        table.row(
                List.of(
                        "version",
                        trial.current().fingerprint(),
                        trial.canary().definition().fingerprint()));
        rows.add("requests counted", count -> whole(count.admitted()));
        rows.add("of them ended", count -> whole(count.ended()));
        rows.add("valid at once", count -> percent(count, count.firstValid()));
        rows.add("valid in the end", count -> percent(count, count.valid()));
        rows.add("USD a request", CanaryReport::costOfEach);
        rows.add("time of its calls, median", count -> seconds(count, 0.5));
        rows.add("95 % are faster than", count -> seconds(count, 0.95));
        table.print(out);
        out.println();
        out.println(Words.wrapped(factors(trial, counts), WIDTH));
        out.println(Words.wrapped(verdict(trial, counts), WIDTH));
        if (counts.current().admitted() + counts.canary().admitted() == 0) {
            out.println(
                    Words.wrapped(
                            "Admission has not counted a request yet. If this stays so while there"
                                    + " are requests, it does not have the canary: give it this"
                                    + " configuration and restart it.",
                            WIDTH));
        } else if (counts.current().ended() + counts.canary().ended() == 0
                && counts.current().admitted() > 0) {
            out.println(
                    Words.wrapped(
                            "No counted request has ended yet. If this stays so, the workers do"
                                    + " not know the canary: give them the same configuration.",
                            WIDTH));
        }
    }

    /** The rows of a table with one figure of each version. */
    private record Rows(Table table, TrialCounts counts) {
        void add(String name, Function<VersionCounts, String> figure) {
            table.row(List.of(name, figure.apply(counts.current()), figure.apply(counts.canary())));
        }
    }

    private static String factors(Trial trial, TrialCounts counts) {
        if (counts.current().notFirstUnits() + counts.canary().notFirstUnits() == 0) {
            return "No first answer was invalid yet, so it cannot be said how many times as often"
                    + " the canary fails.";
        }
        return "The canary's first answer is invalid "
                + times(counts.notFirstFactor(trial.share()))
                + " as often as the current version's. Its requests end in dead letters "
                + times(counts.failedFactor(trial.share()))
                + " as often. (Each with 95 % confidence, however often you look.)";
    }

    private static String verdict(Trial trial, TrialCounts counts) {
        return switch (counts.concluded(trial.share())) {
            case RUNNING -> "Running: neither version is known to fail more often.";
            case BETTER ->
                    "Better: the canary fails less often. To make it the current version, follow step 6"
                            + " of docs/EVALS.md, change a prompt safely.";
            case STOPPED ->
                    "Stopped: the canary fails more often, so all new requests get the current"
                            + " version. Remove analyses.canaries."
                            + trial.analysis()
                            + ", or change the canary's files to begin anew.";
        };
    }

    private static String times(Factor factor) {
        if (factor.least() == 0 && Double.isInfinite(factor.most())) {
            return "an unknown number of times";
        }
        if (Double.isInfinite(factor.most())) {
            return "at least " + one(factor.least()) + " times";
        }
        if (factor.least() == 0) {
            return "at most " + one(factor.most()) + " times";
        }
        return one(factor.least()) + " to " + one(factor.most()) + " times";
    }

    private static String one(double factor) {
        return String.format(Locale.ROOT, factor < 10 ? "%.2g" : "%.0f", factor);
    }

    private static String whole(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String percent(VersionCounts counts, double share) {
        return counts.ended() == 0 ? "" : Numbers.percent(share);
    }

    private static String costOfEach(VersionCounts counts) {
        return counts.ended() == 0 ? "" : Numbers.usd(cost(counts));
    }

    private static BigDecimal cost(VersionCounts counts) {
        return counts.cost()
                .usd()
                .divide(BigDecimal.valueOf(Math.max(1, counts.ended())), 9, RoundingMode.HALF_UP);
    }

    private static String seconds(VersionCounts counts, double share) {
        Duration time = counts.times().quantile(share);
        return counts.ended() == 0
                ? ""
                : Numbers.seconds(OptionalDouble.of(time.toMillis() / 1_000.0));
    }

    static ObjectNode json(Trial trial, TrialCounts counts) {
        ObjectNode line = JsonMapper.shared().createObjectNode();
        line.put("analysis", trial.analysis());
        line.put("percent", trial.canary().percent());
        line.put("by", trial.canary().unit().name().toLowerCase(Locale.ROOT));
        line.put("state", counts.concluded(trial.share()).name().toLowerCase(Locale.ROOT));
        line.set("current", json(trial.current().fingerprint(), counts.current()));
        line.set("canary", json(trial.canary().definition().fingerprint(), counts.canary()));
        line.set("notFirstFactor", json(counts.notFirstFactor(trial.share())));
        line.set("failedFactor", json(counts.failedFactor(trial.share())));
        return line;
    }

    private static ObjectNode json(String version, VersionCounts counts) {
        ObjectNode line = JsonMapper.shared().createObjectNode();
        line.put("version", version);
        line.put("admitted", counts.admitted());
        line.put("ended", counts.ended());
        line.put("notFirst", counts.notFirst());
        line.put("failed", counts.failed());
        line.put("costUsd", counts.cost().usd().toPlainString());
        line.put("callsMedianMillis", counts.times().quantile(0.5).toMillis());
        line.put("calls95Millis", counts.times().quantile(0.95).toMillis());
        return line;
    }

    /** Without a bound that is not known. */
    private static ObjectNode json(Factor factor) {
        ObjectNode line = JsonMapper.shared().createObjectNode();
        line.put("least", factor.least());
        if (Double.isFinite(factor.most())) {
            line.put("most", factor.most());
        }
        return line;
    }
}
