package dev.sluice.demo;

import dev.sluice.simulator.Simulator;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the provider's stand-in on its own. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = "Runs the provider's stand-in on loopback; its bill is at /bill.")
final class SimulateCommand implements Callable<Integer> {
    @Option(
            names = "--port",
            defaultValue = "8089",
            description = "Port; 0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Mixin private FaultOptions faults = new FaultOptions();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        try (Simulator simulator = Simulator.start(faults.settings(spec).withPort(port))) {
            System.out.println(
                    "answering until Ctrl-C: OpenAI's chat completions at "
                            + simulator.baseUrl()
                            + ", Anthropic's messages at "
                            + simulator.anthropicBaseUrl());
            new CountDownLatch(1).await();
        }
        return 0;
    }
}
