package dev.sluice.app.cli;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.SubjectPlan;
import dev.sluice.runtime.kafka.TopicPlan;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code sluice topics}: creates topics and registers schemas. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Prepares the brokers and the schema registry.",
        subcommands = TopicsCommand.Create.class)
final class TopicsCommand {
    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = {
                "Creates the missing topics with the partitions, retention and compaction that"
                        + " Sluice needs.",
                "Registers the schemas of requests and budget changes, and makes the registry"
                        + " reject schemas that Sluice could not read.",
                "Existing topics and subjects are never changed: if one differs, nothing is"
                        + " created and the differences are printed."
            })
    static final class Create implements Callable<Integer> {
        @Mixin private ConfigOption config = new ConfigOption();

        @Mixin private Output output = new Output();

        @Override
        public Integer call() throws InterruptedException {
            Logging.quiet();
            SluiceConfig loaded = config.load();
            KafkaConnection kafka = Plans.kafkaForCommand(loaded);
            TopicPlan plan = Plans.topics(loaded, kafka, Plans.knowledge(loaded));
            KafkaTrouble.ask(kafka, () -> create(kafka, plan));
            return 0;
        }

        private void create(KafkaConnection kafka, TopicPlan plan) throws InterruptedException {
            SubjectPlan subjects = new SubjectPlan(kafka);
            try (Admin admin = Admin.create(kafka.client());
                    SchemaRegistry registry = kafka.openRegistry()) {
                List<String> differences = new ArrayList<>(plan.differences(admin));
                differences.addAll(subjects.differences(registry));
                if (!differences.isEmpty()) {
                    throw new CommandFailedException(
                            "topics or subjects differ from the plan, nothing was created:\n  "
                                    + String.join("\n  ", differences));
                }
                List<String> created = plan.create(admin);
                List<String> registered = subjects.create(registry);
                PrintWriter out = output.out();
                created.forEach(out::println);
                registered.forEach(out::println);
                out.printf(
                        "%d topics created, %d subjects set up%n",
                        created.size(), registered.size());
            }
        }
    }
}
