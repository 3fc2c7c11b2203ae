package dev.sluice.app.cli;

import dev.sluice.app.check.ClockCheck;
import dev.sluice.app.check.Finding;
import dev.sluice.app.check.MachineCheck;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.config.SluiceConfig;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code sluice doctor}: checks everything that a service needs on this machine. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Checks everything that a service needs on this machine: all that sluice config check"
                    + " does, and the JDK, the HTTP port, the folder of the state, and the clock"
                    + " against that of the schema registry.",
            "API keys are only looked for, not tried: sluice analyze ANALYSIS FILE --live makes a"
                    + " call."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:a service can start here",
            "1:machine, brokers or registry are in the way",
            "2:a mistake in the configuration",
        })
final class DoctorCommand implements Callable<Integer> {
    @Mixin private Checks checks = new Checks();

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
        return checks.report(findings);
    }

    /** The first address, without credentials. */
    private static Optional<String> registry(SluiceConfig config) {
        return Optional.ofNullable(config.schemaRegistry().get("schema.registry.url"))
                .map(urls -> urls.split(",", 2)[0].strip().replaceAll("//[^/@]*@", "//"));
    }
}
