package dev.sluice.app.cli.letters;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.Confirmation;
import dev.sluice.app.cli.common.DurationConverter;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.cli.common.RateConverter;
import dev.sluice.app.cli.common.SafeText;
import dev.sluice.app.client.Pace;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.app.redrive.Published;
import dev.sluice.app.redrive.Redrive;
import dev.sluice.app.redrive.RedriveLimits;
import dev.sluice.app.redrive.RedrivePlan;
import dev.sluice.runtime.kafka.KafkaConnection;
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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code sluice dead-letters redrive}: runs dead-lettered requests again. */
@Command(
        name = "redrive",
        mixinStandardHelpOptions = true,
        description = {
            "Publishes the requests of dead letters again, each as its next generation, after it"
                    + " has said how many there are and what they may cost.",
            "Key, headers and content stay. A request that has a result meanwhile is left out, and"
                    + " so is one that is not valid now; budgets and rates are not looked at.",
            "It may be interrupted and run again: admission takes each generation of a request"
                    + " once, within 24 hours or until the request has ended.",
            "Analyses and prices are those of this configuration: run it with the service's."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice dead-letters redrive --reason INVALID_OUTPUT --dry-run",
            "  sluice dead-letters redrive REQUEST",
            "  sluice dead-letters redrive --kind FAILED --since 3d --deadline 24h --yes",
            "  sluice dead-letters redrive --analysis seo --max-cost 20 --rate 10/s",
            "  sluice dead-letters redrive --rejudge --since 3d --dry-run"
        })
final class RedriveCommand implements Callable<Integer> {
    private static final int REPORTED = 1_000;

    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private LetterOptions options = new LetterOptions();

    @Mixin private Output output = new Output();

    @Parameters(
            paramLabel = "REQUEST",
            arity = "0..1",
            description = "The requestId. Default: all dead letters that the options mean.")
    private @Nullable String request;

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
            description =
                    "Redrive the oldest ones only, until their estimated cost is reached. Each run"
                            + " begins anew.")
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
            names = "--rejudge",
            description = {
                "Make no call: judge the answers of INVALID_OUTPUT dead letters again, under"
                        + " today's schema and checks, and publish the valid ones as results"
                        + " (their field rejudged is true). Costs nothing."
            })
    private boolean rejudge;

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
        if (rejudge && (deadline != null || maxUsd != null)) {
            throw new CommandFailedException(
                    "--rejudge makes no call, so it has no --deadline and no --max-cost; leave them"
                            + " out");
        }
        Logging.quiet();
        SluiceConfig loaded = config.load();
        KafkaConnection kafka = Plans.kafkaForCommand(loaded);
        Knowledge knowledge = Plans.knowledge(loaded);
        Map<String, List<String>> modelIds =
                Deployments.modelIds(
                        Deployments.of(loaded.models(), knowledge, Environment.load(), false),
                        knowledge.prices());
        PrintWriter out = output.out();
        try (Redrive redrive =
                new Redrive(
                        kafka,
                        knowledge,
                        modelIds,
                        Plans.budgets(loaded),
                        options.filter(Optional.ofNullable(request)),
                        new RedriveLimits(
                                Optional.ofNullable(maxCount),
                                Optional.ofNullable(maxUsd),
                                maxGeneration,
                                Optional.ofNullable(deadline),
                                rejudge),
                        Plans.compute(loaded),
                        InstantSource.system())) {
            int[] exitCode = {0};
            KafkaTrouble.ask(kafka, () -> exitCode[0] = run(redrive, out));
            out.flush();
            return exitCode[0];
        }
    }

    private int run(Redrive redrive, PrintWriter out) {
        RedrivePlan plan = redrive.plan(_ -> {});
        if (request != null && plan.users().size() > 1) {
            throw new CommandFailedException(
                    "several users have a request of this id: "
                            + plan.users()
                            + "; choose one with --user");
        }
        redrive.unread().ifPresent(out::println);
        print(out, plan);
        out.flush();
        if (dryRun || plan.size() == 0) {
            return 0;
        }
        if (!yes && !consents(plan)) {
            out.println("nothing is redriven");
            return ExitCode.FAILED;
        }
        LongConsumer progress =
                sent -> {
                    if (sent % REPORTED == 0) {
                        out.printf(Locale.ROOT, "%,d of %,d sent%n", sent, plan.size());
                        out.flush();
                    }
                };
        Published done;
        try {
            done = redrive.publish(plan, Optional.ofNullable(rate).map(Pace::of), progress);
        } catch (IllegalStateException e) {
            out.println(e.getMessage());
            out.flush();
            throw e;
        }
        out.printf(Locale.ROOT, "%s published again%n", requests(done.published(), "is", "are"));
        if (done.skipped() > 0) {
            out.printf(
                    Locale.ROOT,
                    "%,d have got a result meanwhile, are discarded, or their record is gone%n",
                    done.skipped());
        }
        done.rejected().forEach(rejected -> out.println("not accepted: " + SafeText.of(rejected)));
        return done.rejected().isEmpty() ? 0 : ExitCode.FAILED;
    }

    private void print(PrintWriter out, RedrivePlan plan) {
        if (rejudge) {
            out.printf(
                    Locale.ROOT,
                    "%s answers that are valid today; nothing is paid%n",
                    requests(plan.size(), "has", "have"));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%s can be redriven, for an estimated %s USD, and at most %s USD%n",
                    requests(plan.size()),
                    usd(plan.estimatedUsd()),
                    usd(plan.worstUsd()));
        }
        plan.byReason()
                .forEach((reason, count) -> out.printf(Locale.ROOT, "  %,8d  %s%n", count, reason));
        if (plan.shared() > 0 && !rejudge) {
            out.printf(
                    Locale.ROOT,
                    "%,d of them shared the failed job of another request; each is paid alone now%n",
                    plan.shared());
        }
        if (!plan.left().isEmpty()) {
            out.println("not redriven:");
            plan.left()
                    .forEach((why, count) -> out.printf(Locale.ROOT, "  %,8d  %s%n", count, why));
        }
        if (plan.left().keySet().stream().anyMatch(why -> why.endsWith("DEADLINE_EXCEEDED"))) {
            out.println("--deadline 24h gives requests another deadline");
        }
        if (plan.size() > 0 && !rejudge) {
            out.println(
                    "Budgets and rates are not looked at. What was redriven before and has not ended"
                            + " is counted here, and skipped by admission.");
        }
    }

    private boolean consents(RedrivePlan plan) {
        return Confirmation.given(
                rejudge
                        ? "Make results of the answers to " + requests(plan.size()) + "?"
                        : String.format(
                                Locale.ROOT,
                                "Redrive %s for an estimated %s USD?",
                                requests(plan.size()),
                                usd(plan.estimatedUsd())),
                "nothing is redriven");
    }

    private static String requests(long count) {
        return String.format(Locale.ROOT, count == 1 ? "%,d request" : "%,d requests", count);
    }

    private static String requests(long count, String is, String are) {
        return requests(count) + " " + (count == 1 ? is : are);
    }

    /** Rounded up, so that no bound is too low. */
    private static String usd(BigDecimal amount) {
        return amount.setScale(4, RoundingMode.UP).toPlainString();
    }
}
