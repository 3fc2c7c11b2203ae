package dev.sluice.demo;

import dev.sluice.app.cli.common.Logging;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code sluice sandbox}: Kafka, registry and provider to run Sluice against. */
@Command(
        name = "sandbox",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a Kafka broker with Sluice's topics, a schema registry and a simulated provider"
                    + " in this process, until Ctrl-C.",
            "Writes a configuration for them. `sluice run --config FILE` then runs Sluice in"
                    + " another process, as in production. All data is lost at the end."
        })
final class SandboxCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "sandbox.yaml",
            description = "Where to write the configuration. Default: ${DEFAULT-VALUE}.")
    private Path config = Path.of("sandbox.yaml");

    @Mixin private FaultOptions faults = new FaultOptions();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Logging.quiet();
        SandboxConfig.requireOwn(config);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Sandbox sandbox = Sandbox.start(Optional.of(faults.settings(spec)));
        Runtime.getRuntime().addShutdownHook(new Thread(sandbox::close, "shutdown"));
        SandboxConfig.write(config, sandbox);
        out.printf("Kafka            %s%n", sandbox.bootstrapServers());
        out.printf("schema registry  %s%n", sandbox.registryUrl());
        sandbox.simulator()
                .ifPresent(running -> out.printf("simulator        %s%n", running.baseUrl()));
        out.printf("%nRunning until Ctrl-C. In another terminal:%n");
        out.printf("  ./sluice run --config %s%n", config);
        out.flush();
        new CountDownLatch(1).await();
        return 0;
    }
}
