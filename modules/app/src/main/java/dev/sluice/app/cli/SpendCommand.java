package dev.sluice.app.cli;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.app.spend.SpendReader;
import dev.sluice.contract.Spend;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The command {@code sluice spend}: shows what users have spent. */
@Command(
        name = "spend",
        mixinStandardHelpOptions = true,
        description = "Shows what users have spent, by day, as last published by admission.")
final class SpendCommand implements Callable<Integer> {
    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private Output output = new Output();

    @Option(names = "--user", paramLabel = "USER", description = "Show this user only.")
    private @Nullable String user;

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Number of days, including today; eight are kept. Default: ${DEFAULT-VALUE}.")
    private int days;

    @Option(names = "--json", description = "One JSON object a line instead of a table.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (days < 1) {
            throw new CommandFailedException("--days must be at least 1");
        }
        Logging.quiet();
        SluiceConfig loaded = config.load();
        LocalDate today =
                LocalDate.ofInstant(InstantSource.system().instant(), loaded.budgets().timeZone());
        KafkaConnection kafka = Plans.kafkaForCommand(loaded);
        List<Spend> spends = new ArrayList<>();
        KafkaTrouble.ask(
                kafka,
                () ->
                        spends.addAll(
                                SpendReader.read(
                                        kafka,
                                        Optional.ofNullable(user),
                                        today.minusDays(days - 1L))));
        PrintWriter out = output.out();
        if (json) {
            spends.forEach(spend -> out.println(line(spend)));
        } else {
            SpendTable.print(out, spends);
        }
        out.flush();
        return 0;
    }

    private static ObjectNode line(Spend spend) {
        ObjectNode line = JsonMapper.shared().createObjectNode();
        line.put("day", spend.getDay().toString());
        line.put("userId", spend.getUserId().toString());
        line.put("spentUsd", spend.getSpentUsd().toPlainString());
        line.put("unconfirmedUsd", spend.getUnconfirmedUsd().toPlainString());
        line.put("reservedUsd", spend.getReservedUsd().toPlainString());
        line.put("limitUsd", spend.getLimitUsd().toPlainString());
        return line;
    }
}
