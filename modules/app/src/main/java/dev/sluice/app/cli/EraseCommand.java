package dev.sluice.app.cli;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.Confirmation;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.cli.common.SafeText;
import dev.sluice.app.cli.common.Table;
import dev.sluice.app.client.RecordJson;
import dev.sluice.app.config.Plans;
import dev.sluice.app.erase.Erasure;
import dev.sluice.app.erase.Remains;
import dev.sluice.contract.Ids;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The command {@code sluice erase}: erases a user, as far as Kafka lets it. */
@Command(
        name = "erase",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the records of a user by topic, with the time at which the brokers delete the"
                    + " last one, and erases those on the compacted topics of limits and spend.",
            "Kafka cannot delete single records from other topics: they are gone when their"
                    + " retention is over. The command reads all topics whole.",
            "Let the user's requests end first. A user whose own limits are erased has the"
                    + " configured ones; additions stay in force until their day is over."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  sluice erase --user ann --dry-run", "  sluice erase --user ann"})
final class EraseCommand implements Callable<Integer> {
    private static final String UNDONE = "nothing is erased";

    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private Output output = new Output();

    @Option(names = "--user", paramLabel = "USER", required = true, description = "Who.")
    private String user = "";

    @Option(names = "--dry-run", description = "List the records, and erase nothing.")
    private boolean dryRun;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask for a confirmation.")
    private boolean yes;

    @Option(names = "--json", description = "One JSON object a line instead of a table.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        Ids.problem("--user", user)
                .ifPresent(problem -> {
                    throw new CommandFailedException(problem);
                });
        Logging.quiet();
        KafkaConnection kafka = Plans.kafkaForCommand(config.load());
        Erasure erasure = new Erasure(kafka, user);
        int[] exitCode = {0};
        KafkaTrouble.ask(kafka, () -> exitCode[0] = run(erasure));
        return exitCode[0];
    }

    private int run(Erasure erasure) throws InterruptedException {
        PrintWriter out = output.out();
        PrintWriter err = output.err();
        List<Remains> found =
                erasure.find(topic -> {
                    err.println("reading " + topic);
                    err.flush();
                });
        print(out, found);
        out.flush();
        erasure.unread().forEach(err::println);
        boolean hasErasable = found.stream().anyMatch(Remains::isErasable);
        if (dryRun || !hasErasable) {
            err.println(hasErasable ? "--dry-run: " + UNDONE : "there is nothing to erase");
            err.flush();
            return 0;
        }
        String question = "Erase the limits and the spend of %s?".formatted(SafeText.of(user));
        if (!yes && !Confirmation.given(question, UNDONE)) {
            err.println(UNDONE);
            err.flush();
            return ExitCode.FAILED;
        }
        err.printf(
                Locale.ROOT,
                "erased: %,d keys; the brokers take their records away when they compact the"
                        + " topics. Admission writes the user's day again when a limit is erased or a"
                        + " request ends: run this again the next day%n",
                erasure.erase());
        err.flush();
        return 0;
    }

    private void print(PrintWriter out, List<Remains> found) {
        if (json) {
            found.forEach(one -> out.println(line(one)));
            return;
        }
        if (found.isEmpty()) {
            out.println("no topic has records of this user");
            return;
        }
        Table table =
                new Table(
                        List.of(
                                Table.text("topic"),
                                Table.number("records"),
                                Table.text("oldest (UTC)"),
                                Table.text("newest (UTC)"),
                                Table.text("deleted by (UTC)")));
        for (Remains one : found) {
            table.row(
                    List.of(
                            one.topic(),
                            String.format(Locale.ROOT, "%,d", one.count()),
                            Table.time(one.oldest()),
                            Table.time(one.newest()),
                            one.isErasable()
                                    ? "can be erased"
                                    : one.goneBy().map(Table::time).orElse("never")));
        }
        table.print(out);
    }

    private static String line(Remains one) {
        ObjectNode line = JsonMapper.shared().createObjectNode();
        line.put("topic", one.topic());
        line.put("records", one.count());
        line.put("oldest", one.oldest().toString());
        line.put("newest", one.newest().toString());
        line.put("erasable", one.isErasable());
        line.put("deletedBy", one.goneBy().map(Object::toString).orElse(null));
        return RecordJson.line(line);
    }
}
