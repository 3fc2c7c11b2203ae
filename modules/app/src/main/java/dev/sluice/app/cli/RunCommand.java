package dev.sluice.app.cli;

import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.config.ConfigWarnings;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.app.service.Service;
import dev.sluice.app.service.Tracing;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code sluice run}: runs the service until it is stopped. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Runs the service against the brokers and the registry of the configuration.")
final class RunCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(RunCommand.class);

    @Mixin private ConfigOption config = new ConfigOption();

    @Option(
            names = "--roles",
            split = ",",
            paramLabel = "ROLE",
            description = "The roles of this process: admission, worker. Default: both.")
    private Set<Role> roles = EnumSet.allOf(Role.class);

    @Override
    public Integer call() throws InterruptedException {
        SluiceConfig loaded = config.load();
        Logging.format(loaded.log().format(), loaded.log().requests());
        ServicePlan plan = Plans.plan(loaded, roles, Environment.load());
        ConfigWarnings.of(plan, LocalDate.now(ZoneOffset.UTC)).forEach(log::warn);
        Tracing tracing = Tracing.start(loaded.tracing().enabled());
        Service service = new Service(plan, tracing.traces());
        CountDownLatch terminated = new CountDownLatch(1);
        Thread onSignal =
                new Thread(
                        () -> {
                            service.close();
                            tracing.close();
                            terminated.countDown();
                        },
                        "shutdown");
        Runtime.getRuntime().addShutdownHook(onSignal);
        try {
            service.start();
        } catch (CancellationException e) {
            log.atInfo().log("stopped during the start");
            terminated.await();
        }
        while (!terminated.await(1, TimeUnit.SECONDS)) {
            Map<String, String> broken = service.health().notLive();
            if (!broken.isEmpty()) {
                log.atError()
                        .addKeyValue("parts", broken)
                        .log("service stops: some of its parts are broken");
                return ExitCode.FAILED;
            }
        }
        return 0;
    }
}
