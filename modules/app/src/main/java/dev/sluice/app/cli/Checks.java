package dev.sluice.app.cli;

import dev.sluice.analysis.definition.InvalidDefinitionsException;
import dev.sluice.app.check.ConfigCheck;
import dev.sluice.app.check.Finding;
import dev.sluice.app.check.Finding.Level;
import dev.sluice.app.check.SurroundingsCheck;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.cli.common.SafeText;
import dev.sluice.app.cli.common.Words;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.InvalidConfigException;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.runtime.kafka.AclPlan;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The checks that several commands make, and how they report them. A mixin of commands. */
@Command
final class Checks {
    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private Output output = new Output();

    @Option(
            names = "--roles",
            split = ",",
            paramLabel = "ROLE",
            description = "The roles to check for: admission, worker. Default: both.")
    private Set<Role> roles = EnumSet.allOf(Role.class);

    Set<Role> roles() {
        return roles;
    }

    /** The configuration; empty, with its problems among the findings, if it is not valid. */
    Optional<SluiceConfig> configuration(List<Finding> findings) {
        try {
            SluiceConfig loaded = config.load();
            findings.addAll(
                    ConfigCheck.of(
                            loaded, roles, Environment.load(), LocalDate.now(ZoneOffset.UTC)));
            return Optional.of(loaded);
        } catch (InvalidConfigException e) {
            String.valueOf(e.getMessage())
                    .lines()
                    .forEach(line ->
                            findings.add(new Finding(Level.PROBLEM, "configuration", line)));
            return Optional.empty();
        }
    }

    /** Checks brokers and registry. Without them in the configuration there is nobody to ask. */
    List<Finding> surroundings(SluiceConfig loaded) throws InterruptedException {
        try {
            KafkaConnection kafka = Plans.kafkaForCommand(loaded);
            EnumSet<AclPlan.Role> needed = EnumSet.noneOf(AclPlan.Role.class);
            roles.forEach(role -> needed.add(AclPlan.Role.valueOf(role.name())));
            return new SurroundingsCheck(
                            kafka,
                            Plans.topics(loaded, kafka, Plans.knowledge(loaded)),
                            failure ->
                                    KafkaTrouble.words(failure)
                                            .orElse(String.valueOf(failure.getMessage())))
                    .of(needed);
        } catch (InvalidConfigException | InvalidDefinitionsException e) {
            // Reported with the configuration.
            return List.of();
        }
    }

    /** Prints the findings, and returns the exit code: that of the configuration comes first. */
    int report(List<Finding> findings) {
        for (Finding finding : findings) {
            output.out()
                    .printf(
                            "%-8s %-16s %s%n",
                            finding.level().name().toLowerCase(Locale.ROOT),
                            finding.subject(),
                            SafeText.of(finding.text()));
        }
        List<Finding> problems =
                findings.stream().filter(one -> one.level() == Level.PROBLEM).toList();
        output.out()
                .println(
                        problems.isEmpty()
                                ? "no problems"
                                : Words.count(problems.size(), "problem"));
        output.out().flush();
        if (problems.isEmpty()) {
            return 0;
        }
        return problems.stream().anyMatch(one -> one.subject().equals("configuration"))
                ? ExitCode.MISUSED
                : ExitCode.FAILED;
    }
}
