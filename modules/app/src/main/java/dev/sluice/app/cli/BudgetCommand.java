package dev.sluice.app.cli;

import dev.sluice.admission.settle.BudgetChanges;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.app.spend.BudgetClient;
import dev.sluice.app.spend.SpendReader;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a user may do. */
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
    /** What all of them need. */
    abstract static class OfUser implements Callable<Integer> {
        @Mixin private ConfigOption config = new ConfigOption();

        @Spec private @Nullable CommandSpec spec;

        @Parameters(paramLabel = "USER", description = "The user's id, as requests carry it.")
        private String user = "";

        @Override
        public Integer call() throws InterruptedException {
            Logging.quiet();
            SluiceConfig loaded = config.load();
            KafkaConnection kafka = Plans.kafkaForCommand(loaded);
            if (spec == null) {
                throw new IllegalStateException("picocli gives each command its specification");
            }
            PrintWriter out = spec.commandLine().getOut();
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
            return own ? "set for the user" : "as configured here";
        }
    }

    private static String plain(BigDecimal usd) {
        return usd.stripTrailingZeros().toPlainString();
    }

    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description =
                    "Gives a user limits of the user's own, which win over the configuration. What"
                            + " is not named stays as it is.")
    static final class Set extends OfUser {
        @Option(
                names = "--daily-usd",
                paramLabel = "USD",
                description = "What may be spent in a day.")
        private @Nullable BigDecimal dailyUsd;

        @Option(
                names = "--requests-per-hour",
                paramLabel = "N",
                description = "How many requests pass in an hour.")
        private @Nullable Integer perHour;

        @Override
        void run(Context context) throws InterruptedException {
            if (dailyUsd == null && perHour == null) {
                throw new CommandFailedException("name --daily-usd or --requests-per-hour");
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
                    "Adds to what a user may spend in one day. Requests that wait for money go on"
                            + " at once.")
    static final class Add extends OfUser {
        @Parameters(index = "1", paramLabel = "USD", description = "How much more.")
        private BigDecimal usd = BigDecimal.ZERO;

        @Option(
                names = "--day",
                paramLabel = "DAY",
                description = "The day, 2026-11-27; today if it is not named.")
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

    /** What admission would pass over, and nobody would see. */
    private static void requireDay(LocalDate day, LocalDate today) {
        if (day.isBefore(today)) {
            throw new CommandFailedException(
                    "--day "
                            + day
                            + " is over: adding to it changes nothing; name "
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
                    "Takes back a user's own limits: what is configured is in force again. What was"
                            + " added to a day stays.")
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
            description = "Shows a user's limits, and the last days.")
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
