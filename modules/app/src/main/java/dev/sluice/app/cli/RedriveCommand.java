package dev.sluice.app.cli;

import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.app.redrive.Redrive;
import dev.sluice.app.redrive.RedriveLimits;
import dev.sluice.app.redrive.RedrivePlan;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.Console;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code sluice dead-letters redrive}: runs dead-lettered requests again. */
@Command(
        name = "redrive",
        mixinStandardHelpOptions = true,
        description = {
            "Publishes the requests of dead letters again, each as its next generation, after it"
                    + " has said how many there are and what they may cost.",
            "Key, headers and content stay. A request that has a result meanwhile is left out, and"
                    + " so is one that admission would refuse now.",
            "It may be interrupted and run again: admission takes each generation of a request"
                    + " once."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice dead-letters redrive --reason INVALID_OUTPUT --dry-run",
            "  sluice dead-letters redrive --kind FAILED --since 3d --deadline 24h --yes",
            "  sluice dead-letters redrive --analysis seo --max-cost 20 --rate 10/s"
        })
final class RedriveCommand implements Callable<Integer> {
    private static final int REPORTED = 1_000;

    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private LetterOptions options = new LetterOptions();

    @Spec private @Nullable CommandSpec spec;

    @Option(names = "--dry-run", description = "Say what would be redriven, and do nothing.")
    private boolean dryRun;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask for a confirmation.")
    private boolean yes;

    @Option(names = "--max-count", paramLabel = "N", description = "Redrive the oldest N only.")
    private @Nullable Integer maxCount;

    @Option(
            names = "--max-cost",
            paramLabel = "USD",
            description = "Redrive only the oldest ones that are expected to cost so much.")
    private @Nullable BigDecimal maxUsd;

    @Option(
            names = "--max-generation",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Leave out requests that were redriven N times already. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int maxGeneration;

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description =
                    "Give the requests this long from now on, such as 24h, in place of their own"
                            + " deadlines.")
    private @Nullable Duration deadline;

    @Option(
            names = "--rate",
            paramLabel = "N/s",
            converter = RateConverter.class,
            description = "Publish no faster than this, such as 50/s.")
    private @Nullable Double rate;

    @Override
    public Integer call() throws InterruptedException {
        if (maxGeneration < 1 || (maxCount != null && maxCount < 1)) {
            throw new CommandFailedException("--max-generation and --max-count must be at least 1");
        }
        Logging.quiet();
        SluiceConfig loaded = config.load();
        KafkaConnection kafka = Plans.kafkaForCommand(loaded);
        Knowledge knowledge = Plans.knowledge(loaded);
        Map<String, List<String>> modelIds =
                Deployments.modelIds(
                        Deployments.of(loaded.models(), knowledge, Environment.load(), false),
                        knowledge.prices());
        if (spec == null) {
            throw new IllegalStateException("picocli gives each command its specification");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (Redrive redrive =
                new Redrive(
                        kafka,
                        knowledge,
                        modelIds,
                        Plans.budgets(loaded),
                        options.filter(Optional.empty()),
                        new RedriveLimits(
                                Optional.ofNullable(maxCount),
                                Optional.ofNullable(maxUsd),
                                maxGeneration,
                                Optional.ofNullable(deadline)),
                        InstantSource.system())) {
            KafkaTrouble.ask(kafka, () -> run(redrive, out));
        }
        out.flush();
        return 0;
    }

    private void run(Redrive redrive, PrintWriter out) {
        RedrivePlan plan = redrive.plan();
        print(out, plan);
        out.flush();
        if (dryRun || plan.chosen().isEmpty()) {
            return;
        }
        requireConsent(plan);
        LongConsumer progress =
                published -> {
                    if (published % REPORTED == 0) {
                        out.printf(
                                Locale.ROOT,
                                "%,d of %,d published%n",
                                published,
                                plan.chosen().size());
                        out.flush();
                    }
                };
        long published =
                redrive.publish(plan, Optional.ofNullable(rate).map(Redrive::pace), progress);
        out.printf(
                Locale.ROOT,
                "%,d requests are published again; sluice dead-letters count --since 10m shows those"
                        + " that fail once more%n",
                published);
    }

    private void print(PrintWriter out, RedrivePlan plan) {
        out.printf(
                Locale.ROOT,
                "%,d requests can be redriven, for an estimated %s USD, and at most %s USD%n",
                plan.chosen().size(),
                usd(plan.estimatedUsd()),
                usd(plan.worstUsd()));
        plan.byReason()
                .forEach((reason, count) -> out.printf(Locale.ROOT, "  %,8d  %s%n", count, reason));
        if (!plan.left().isEmpty()) {
            out.println("not redriven:");
            plan.left()
                    .forEach((why, count) -> out.printf(Locale.ROOT, "  %,8d  %s%n", count, why));
        }
        if (plan.left().keySet().stream().anyMatch(why -> why.endsWith("DEADLINE_EXCEEDED"))) {
            out.println("--deadline 24h gives requests another deadline");
        }
    }

    private void requireConsent(RedrivePlan plan) {
        if (yes) {
            return;
        }
        Console console = Terminal.isInteractive() ? System.console() : null;
        if (console == null) {
            throw new CommandFailedException(
                    "nothing is redriven without --yes, or a terminal to ask at");
        }
        String answer =
                console.readLine(
                        "Redrive %,d requests for an estimated %s USD? [y/N] ",
                        plan.chosen().size(), usd(plan.estimatedUsd()));
        if (answer == null || !answer.strip().equalsIgnoreCase("y")) {
            throw new CommandFailedException("nothing is redriven");
        }
    }

    private static String usd(BigDecimal amount) {
        return amount.setScale(4, RoundingMode.HALF_UP).toPlainString();
    }
}
