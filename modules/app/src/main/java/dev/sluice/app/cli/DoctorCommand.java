package dev.sluice.app.cli;

import dev.sluice.app.check.ClockCheck;
import dev.sluice.app.check.Finding;
import dev.sluice.app.check.Finding.Level;
import dev.sluice.app.check.LiveCheck;
import dev.sluice.app.check.MachineCheck;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.config.SluiceConfig;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code sluice doctor}: checks everything that a service needs on this machine. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Checks everything that a service needs on this machine: all that sluice config check"
                    + " does, and the JDK, the HTTP port, the folder of the state, and the clock"
                    + " against that of the schema registry.",
            "API keys are only looked for, unless --live makes a call to each deployment."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:a service can start here",
            "1:machine, brokers or registry are in the way",
            "2:a mistake in the configuration",
        })
final class DoctorCommand implements Callable<Integer> {
    @Mixin private Checks checks = new Checks();

    @Option(
            names = "--live",
            description =
                    "Also make one call of a few tokens to each deployment of a model, which shows"
                            + " whether it answers and accepts its API key. It is charged: mostly"
                            + " far less than a cent each.")
    private boolean live;

    @Override
    public Integer call() throws InterruptedException {
        Logging.quiet();
        List<Finding> findings = new ArrayList<>();
        Optional<SluiceConfig> config = checks.configuration(findings);
        if (config.isPresent()) {
            findings.addAll(MachineCheck.of(config.get(), checks.roles().contains(Role.ADMISSION)));
            findings.addAll(checks.surroundings(config.get()));
            registry(config.get())
                    .ifPresent(address ->
                            findings.add(ClockCheck.of(address, InstantSource.system())));
        }
        if (live) {
            findings.addAll(liveFindings(config, findings));
        }
        return checks.report(findings);
    }

    /** Calls the models, unless mistakes in the configuration are to be mended first. */
    private static List<Finding> liveFindings(Optional<SluiceConfig> config, List<Finding> soFar)
            throws InterruptedException {
        boolean isValid =
                soFar.stream()
                        .noneMatch(one ->
                                one.level() == Level.PROBLEM
                                        && one.subject().equals("configuration"));
        if (config.isEmpty() || !isValid) {
            return List.of(
                    new Finding(
                            Level.WARNING, "model", "not called: mend the configuration first"));
        }
        ServicePlan plan = Plans.plan(config.get(), EnumSet.of(Role.WORKER), Environment.load());
        return new LiveCheck(plan.knowledge().prices(), InstantSource.system())
                .of(plan.models().values().stream().flatMap(List::stream).toList());
    }

    /** The first address, without credentials. */
    private static Optional<String> registry(SluiceConfig config) {
        return Optional.ofNullable(config.schemaRegistry().get("schema.registry.url"))
                .map(urls -> urls.split(",", 2)[0].strip().replaceAll("//[^/@]*@", "//"));
    }
}
