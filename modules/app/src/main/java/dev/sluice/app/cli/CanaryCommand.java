package dev.sluice.app.cli;

import dev.sluice.admission.canary.Trial;
import dev.sluice.admission.canary.TrialCounts;
import dev.sluice.admission.canary.Trials;
import dev.sluice.app.canary.TrialReader;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.KnownAnalyses;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code sluice canary}: compares a canary with the current version. */
@Command(
        name = "canary",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Compares a canary, a second version of an analysis, with the current one.",
            "A canary begins and ends in the configuration (analyses.canaries), and stops by itself"
                    + " if it fails more often: docs/EVALS.md, change a prompt safely."
        },
        subcommands = CanaryCommand.Show.class)
final class CanaryCommand {
    /** Shows the counts of the configured canaries. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description =
                    "Shows how both versions do, and whether the canary is stopped or better. It"
                            + " reads what admission has counted; the configuration must have the"
                            + " canary (analyses.canaries).",
            footerHeading = "%nWith --json:%n",
            footer =
                    "state is running, better or stopped. notFirst: the first answer was invalid."
                            + " failed: a dead letter. Factors: how many times as often the canary"
                            + " fails, at least and at most; without most, it has no bound yet.")
    static final class Show implements Callable<Integer> {
        @Mixin private ConfigOption config = new ConfigOption();

        @Mixin private Output output = new Output();

        @Parameters(
                arity = "0..1",
                paramLabel = "ANALYSIS",
                description = "Show this analysis's canary only.")
        private @Nullable String analysis;

        @Option(names = "--json", description = "One JSON object a canary instead of a table.")
        private boolean json;

        @Override
        public Integer call() throws InterruptedException {
            Logging.quiet();
            SluiceConfig loaded = config.load();
            List<Trial> trials = trials(Plans.knowledge(loaded));
            KafkaConnection kafka = Plans.kafkaForCommand(loaded);
            Map<String, TrialCounts> counts = new HashMap<>();
            KafkaTrouble.ask(kafka, () -> counts.putAll(TrialReader.read(kafka)));
            PrintWriter out = output.out();
            for (Trial trial : trials) {
                TrialCounts known = counts.getOrDefault(trial.id(), TrialCounts.NONE);
                if (json) {
                    out.println(CanaryReport.json(trial, known));
                } else {
                    CanaryReport.print(out, trial, known);
                }
            }
            out.flush();
            return 0;
        }

        private List<Trial> trials(Knowledge knowledge) {
            if (analysis != null) {
                var _ = KnownAnalyses.find(knowledge, analysis);
            }
            List<Trial> trials =
                    Trials.of(knowledge.analyses()).all().stream()
                            .filter(trial -> analysis == null || trial.analysis().equals(analysis))
                            .toList();
            if (trials.isEmpty()) {
                throw new CommandFailedException(
                        isGettingNone(knowledge)
                                ? analysis
                                        + ": the canary gets no new requests (percent: 0), and its"
                                        + " jobs end as they would. To see what was counted, run"
                                        + " this command with a copy of the configuration that has"
                                        + " the former percent (--config)"
                                : (analysis == null
                                                ? "no analysis has"
                                                : analysis + " does not have")
                                        + " a canary that gets requests; set dir of"
                                        + " analyses.canaries."
                                        + (analysis == null ? "NAME" : analysis)
                                        + " in the configuration of admission, workers and this"
                                        + " command");
            }
            return trials;
        }

        private boolean isGettingNone(Knowledge knowledge) {
            return analysis != null && knowledge.analyses().canary(analysis).isPresent();
        }
    }
}
