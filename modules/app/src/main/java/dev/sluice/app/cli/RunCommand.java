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
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

    /** How long the start may go on after the service was asked to stop. */
    private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

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
        CompletableFuture<Service> started = new CompletableFuture<>();
        CountDownLatch terminated = new CountDownLatch(1);
        Thread onSignal =
                new Thread(
                        () -> {
                            stop(started);
                            tracing.close();
                            terminated.countDown();
                        },
                        "shutdown");
        Runtime.getRuntime().addShutdownHook(onSignal);
        Service service = start(plan, tracing, started);
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

    private static Service start(
            ServicePlan plan, Tracing tracing, CompletableFuture<Service> started) {
        try {
            Service service = Service.start(plan, tracing.traces());
            started.complete(service);
            return service;
        } catch (RuntimeException | Error e) {
            started.completeExceptionally(e);
            throw e;
        }
    }

    /**
     * Lets the start finish before the service closes. A service that just ended while starting
     * would hold its partitions until the session times out.
     */
    private static void stop(CompletableFuture<Service> started) {
        try {
            Service service = started.get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            log.atInfo().log("stopping: no new jobs start, running jobs may end");
            service.close();
        } catch (ExecutionException e) {
            log.atDebug().setCause(e).log("the service did not start, so there is nothing to stop");
        } catch (TimeoutException e) {
            log.atWarn()
                    .log(
                            "stopped during the start: the brokers free its partitions after the"
                                    + " session timeout");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
