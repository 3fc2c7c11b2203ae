package dev.sluice.app.cli;

import dev.sluice.app.Service;
import dev.sluice.app.ServicePlan.Role;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.SluiceConfig;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the service until it is told to stop. */
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
            description = "What this process does: admission, worker; both if not given.")
    private Set<Role> roles = EnumSet.allOf(Role.class);

    @Override
    public Integer call() throws InterruptedException {
        SluiceConfig loaded = config.load();
        Logging.format(loaded.log().format());
        Service service = Service.start(Plans.plan(loaded, roles, Environment.load()));
        CountDownLatch terminated = new CountDownLatch(1);
        Thread onSignal =
                new Thread(
                        () -> {
                            log.atInfo().log("stopping: no new jobs, those under way may end");
                            service.close();
                            terminated.countDown();
                        },
                        "shutdown");
        Runtime.getRuntime().addShutdownHook(onSignal);
        while (!terminated.await(1, TimeUnit.SECONDS)) {
            Map<String, String> broken = service.health().notLive();
            if (!broken.isEmpty()) {
                log.atError().addKeyValue("parts", broken).log("service is broken and stops");
                return SluiceCommand.FAILED;
            }
        }
        return 0;
    }
}
