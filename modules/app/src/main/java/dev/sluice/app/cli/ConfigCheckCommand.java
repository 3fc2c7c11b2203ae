package dev.sluice.app.cli;

import dev.sluice.app.check.Finding;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.config.SluiceConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code sluice config check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Checks the configuration, and what it names: API keys, analyses, prices, brokers,"
                    + " topics, rights at them, the schema registry. It reports all problems at"
                    + " once, each with its fix, and changes nothing.",
            "Run it as the user of the service, and with its environment."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:a service can start",
            "1:brokers or registry are in the way",
            "2:a mistake in the configuration",
        })
final class ConfigCheckCommand implements Callable<Integer> {
    @Mixin private Checks checks = new Checks();

    @Option(names = "--offline", description = "Do not ask brokers and registry.")
    private boolean offline;

    @Override
    public Integer call() throws InterruptedException {
        Logging.quiet();
        List<Finding> findings = new ArrayList<>();
        Optional<SluiceConfig> config = checks.configuration(findings);
        if (config.isPresent() && !offline) {
            findings.addAll(checks.surroundings(config.get()));
        }
        return checks.report(findings);
    }
}
