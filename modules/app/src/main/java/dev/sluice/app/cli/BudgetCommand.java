package dev.sluice.app.cli;

import dev.sluice.admission.settle.BudgetChanges;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.app.spend.BudgetClient;
import dev.sluice.app.spend.SpendReader;
import dev.sluice.contract.Ids;
import dev.sluice.contract.OwnLimits;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code sluice budget}: shows and changes users' budgets and request limits. */
@Command(
        name = "budget",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Shows and changes what a user may spend and how many requests the user may send.",
        subcommands = {
            BudgetCommand.Set.class,
            BudgetCommand.Add.class,
            BudgetCommand.Reset.class,
            BudgetCommand.Show.class
        })
final class BudgetCommand {
    /** Base of the subcommands, all of which concern one user. */
    abstract static class OfUser implements Callable<Integer> {
        @Mixin private ConfigOption config = new ConfigOption();

        @Mixin private Output output = new Output();

        @Parameters(paramLabel = "USER", description = "The user's id, as in the requests.")
        private String user = "";

        @Override
        public Integer call() throws InterruptedException {
            Logging.quiet();
            Ids.problem("USER", user)
                    .ifPresent(problem -> {
                        throw new CommandFailedException(problem);
                    });
            SluiceConfig loaded = config.load();
            KafkaConnection kafka = Plans.kafkaForCommand(loaded);
            PrintWriter out = output.out();
            try (BudgetClient client = new BudgetClient(kafka, InstantSource.system())) {
                KafkaTrouble.ask(kafka, () -> run(new Context(loaded, kafka, client, user, out)));
            }
            out.flush();
            return 0;
        }

        abstract void run(Context context) throws InterruptedException;
    }

    record Context(
            SluiceConfig config,
            KafkaConnection kafka,
            BudgetClient client,
            String user,
            PrintWriter out) {
        LocalDate today() {
            return LocalDate.ofInstant(
                    InstantSource.system().instant(), config.budgets().timeZone());
        }

        void showLimits(Optional<OwnLimits> own) {
            Optional<BigDecimal> daily = own.map(OwnLimits::getDailyUsd);
            Optional<Integer> perHour = own.map(OwnLimits::getRequestsPerHour);
            out.printf(
                    "%s may spend %s USD a day (%s) and send %d requests an hour (%s)%n",
                    user,
                    plain(
                            daily.orElseGet(() ->
                                    config.budgets()
                                            .users()
                                            .getOrDefault(user, config.budgets().dailyUsd()))),
                    origin(daily.isPresent()),
                    perHour.orElseGet(() ->
                            config.rates()
                                    .users()
                                    .getOrDefault(user, config.rates().requestsPerHour())),
                    origin(perHour.isPresent()));
        }

        private static String origin(boolean own) {
            return own ? "set for the user" : "from this configuration";
        }
    }

    private static String plain(BigDecimal usd) {
        return usd.stripTrailingZeros().toPlainString();
    }

    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description =
                    "Sets limits for one user, which take precedence over the configuration."
                            + " Options that are left out stay unchanged.")
    static final class Set extends OfUser {
        @Option(
                names = "--daily-usd",
                paramLabel = "USD",
                description = "Most USD the user may spend in a day.")
        private @Nullable BigDecimal dailyUsd;

        @Option(
                names = "--requests-per-hour",
                paramLabel = "N",
                description = "Most requests that are admitted in an hour.")
        private @Nullable Integer perHour;

        @Override
        void run(Context context) throws InterruptedException {
            if (dailyUsd == null && perHour == null) {
                throw new CommandFailedException(
                        "give --daily-usd or --requests-per-hour, or both");
            }
            requireAmount(dailyUsd, BigDecimal.ZERO);
            if (perHour != null && perHour < 1) {
                throw new CommandFailedException(
                        "--requests-per-hour must be at least 1; a budget of 0 USD stops a user");
            }
            OwnLimits before =
                    context.client()
                            .own(context.user())
                            .orElseGet(() -> OwnLimits.newBuilder().build());
            OwnLimits after =
                    OwnLimits.newBuilder()
                            .setDailyUsd(
                                    dailyUsd == null ? before.getDailyUsd() : dailyUsd.setScale(9))
                            .setRequestsPerHour(
                                    perHour == null ? before.getRequestsPerHour() : perHour)
                            .build();
            context.client().set(context.user(), after);
            context.showLimits(Optional.of(after));
        }
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description =
                    "Raises a user's budget of one day. Requests that wait for budget continue"
                            + " at once.")
    static final class Add extends OfUser {
        @Parameters(index = "1", paramLabel = "USD", description = "The amount to add.")
        private BigDecimal usd = BigDecimal.ZERO;

        @Option(
                names = "--day",
                paramLabel = "DAY",
                description = "The day, such as 2026-11-27. Default: today.")
        private @Nullable LocalDate day;

        @Override
        void run(Context context) throws InterruptedException {
            requireAmount(usd, new BigDecimal("0.000000001"));
            LocalDate of = day == null ? context.today() : day;
            requireDay(of, context.today());
            context.client().add(context.user(), of, usd);
            context.out()
                    .printf("%s may spend %s USD more on %s%n", context.user(), plain(usd), of);
        }
    }

    /** Rejects a day for which admission would ignore the change without any message. */
    private static void requireDay(LocalDate day, LocalDate today) {
        if (day.isBefore(today)) {
            throw new CommandFailedException(
                    "--day "
                            + day
                            + " is over, so adding to it has no effect; give "
                            + today
                            + " or a later day");
        }
        LocalDate last = today.plusDays(BudgetChanges.DAYS_AHEAD);
        if (day.isAfter(last)) {
            throw new CommandFailedException(
                    "--day " + day + " is too far ahead: the last day to add to is " + last);
        }
    }

    @Command(
            name = "reset",
            mixinStandardHelpOptions = true,
            description =
                    "Removes a user's own limits, so that the configured limits apply again."
                            + " Amounts that were added to a day stay.")
    static final class Reset extends OfUser {
        @Override
        void run(Context context) throws InterruptedException {
            context.client().reset(context.user());
            context.showLimits(Optional.empty());
        }
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows a user's limits and recent days.")
    static final class Show extends OfUser {
        private static final int DAYS = 8;

        @Override
        void run(Context context) {
            context.showLimits(context.client().own(context.user()));
            SpendTable.print(
                    context.out(),
                    SpendReader.read(
                            context.kafka(),
                            Optional.of(context.user()),
                            context.today().minusDays(DAYS - 1)));
        }
    }

    private static void requireAmount(@Nullable BigDecimal usd, BigDecimal least) {
        if (usd != null
                && (usd.compareTo(least) < 0
                        || usd.stripTrailingZeros().scale() > 9
                        || usd.precision() - usd.scale() > 9)) {
            throw new CommandFailedException(
                    "an amount in USD has at most nine digits before and after the point, was "
                            + usd);
        }
    }
}
