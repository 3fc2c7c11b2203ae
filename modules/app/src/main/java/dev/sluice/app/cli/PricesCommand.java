package dev.sluice.app.cli;

import dev.sluice.analysis.price.CommunityPrices;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.PriceFile;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.config.Plans;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code sluice prices}: lists prices and imports newer ones. */
@Command(
        name = "prices",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Lists the prices of models with their age, and imports newer prices.",
        subcommands = {PricesCommand.ListAll.class, PricesCommand.Import.class})
final class PricesCommand {
    private static LocalDate today() {
        return LocalDate.ofInstant(InstantSource.system().instant(), ZoneOffset.UTC);
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists prices in USD per million tokens, with date and source.")
    static final class ListAll implements Callable<Integer> {
        @Mixin private ConfigOption config = new ConfigOption();

        @Mixin private Output output = new Output();

        @Override
        public Integer call() {
            PrintWriter out = output.out();
            PriceTable table = Plans.knowledge(config.load()).prices();
            Map<String, Integer> sources = new LinkedHashMap<>();
            table.rows().forEach(row -> sources.putIfAbsent(row.source(), sources.size() + 1));
            out.printf(
                    "%-28s %-10s %10s %10s %10s %10s  %-10s  %s%n",
                    "model", "provider", "input", "cached", "write", "output", "from", "source");
            for (PriceTable.Row row : table.rows()) {
                ModelPrice price = row.price();
                out.printf(
                        "%-28s %-10s %10s %10s %10s %10s  %-10s  %s%n",
                        price.modelId(),
                        row.provider(),
                        price.input().toPlainString(),
                        price.cachedInput().toPlainString(),
                        price.cacheWrite().toPlainString(),
                        price.output().toPlainString(),
                        price.effectiveFrom(),
                        "[" + sources.get(row.source()) + "]");
                price.longContext()
                        .ifPresent(tier ->
                                out.printf(
                                        "%-28s %-10s %10s %10s %10s %10s%n",
                                        "  above " + tier.above() + " tokens",
                                        "",
                                        tier.input().toPlainString(),
                                        "",
                                        "",
                                        tier.output().toPlainString()));
            }
            sources.forEach((source, number) -> out.printf("[%d] %s%n", number, source));
            table.latest()
                    .ifPresent(latest ->
                            out.printf(
                                    "%d prices, the latest from %s, %d days ago%n",
                                    table.rows().size(),
                                    latest,
                                    ChronoUnit.DAYS.between(latest, today())));
            return 0;
        }
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Reads the community's model_prices_and_context_window.json and writes a table for"
                        + " prices.file.",
                "Models that are not charged by text tokens, or that are charged by something for"
                        + " which the table has no column, are left out and listed with the"
                        + " reason.",
            })
    static final class Import implements Callable<Integer> {
        @Mixin private Output output = new Output();

        @Parameters(paramLabel = "FILE", description = "The file to read.")
        private Path file = Path.of("");

        @Option(
                names = "--provider",
                split = ",",
                paramLabel = "PROVIDER",
                defaultValue = "openai,anthropic",
                description =
                        "Providers whose models to import, named as in the file, or all. Default:"
                                + " ${DEFAULT-VALUE}.")
        private List<String> providers = List.of();

        @Option(
                names = "--from",
                paramLabel = "DATE",
                description =
                        "First day of the prices. Default: yesterday (UTC), which is over"
                                + " in every time zone.")
        private @Nullable LocalDate from;

        @Option(
                names = "--source",
                paramLabel = "TEXT",
                description = "Source of the prices. Default: the file's name and today's date.")
        private @Nullable String source;

        @Option(
                names = {"-o", "--out"},
                paramLabel = "FILE",
                description = "Where to write the table. Default: standard output.")
        private @Nullable Path target;

        @Override
        public Integer call() throws IOException {
            CommunityPrices.Imported imported = imported();
            String yaml = PriceFile.format(imported.table());
            if (target == null) {
                output.out().print(yaml);
                output.out().flush();
            } else {
                Files.writeString(target, yaml);
            }
            PrintWriter err = output.err();
            imported.skipped().forEach(skipped -> err.println("left out " + skipped));
            imported.warnings().forEach(warning -> err.println("check " + warning));
            err.printf(
                    "%d prices imported, %d left out, %d of other providers%s%n",
                    imported.table().rows().size(),
                    imported.skipped().size(),
                    imported.others().values().stream().mapToInt(Integer::intValue).sum(),
                    imported.others().isEmpty() ? "" : " " + imported.others());
            err.flush();
            return 0;
        }

        private CommunityPrices.Imported imported() throws IOException {
            if (!Files.isRegularFile(file)) {
                throw new CommandFailedException("there is no file " + file);
            }
            Set<String> wanted = new LinkedHashSet<>(providers);
            // Days begin in the time zone of the budgets, which may be behind UTC.
            LocalDate first = from == null ? today().minusDays(1) : from;
            String origin = source == null ? file.getFileName() + ", imported " + today() : source;
            CommunityPrices.Imported imported;
            try {
                imported = CommunityPrices.read(Files.readString(file), wanted, first, origin);
            } catch (IllegalArgumentException e) {
                throw new CommandFailedException(file + ": " + e.getMessage());
            }
            if (imported.table().rows().isEmpty()) {
                throw new CommandFailedException(
                        file + " has no text models of " + String.join(", ", wanted));
            }
            return imported;
        }
    }
}
