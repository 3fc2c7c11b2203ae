package dev.sluice.bench.quota;

import dev.sluice.bench.measure.Parent;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.QuotaPolicy;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Runs the simulator with a token limit in a process of its own. */
public final class LimitedProvider {
    private LimitedProvider() {}

    /** Arguments: the limit and the fault rates. Prints its address. */
    public static void main(String[] arguments) throws InterruptedException {
        Parent.endWithIt();
        SimulatorSettings settings =
                SimulatorSettings.defaults()
                        .withLatency(Duration.ofMillis(500), Duration.ofMillis(1_500))
                        .withQuota(QuotaPolicy.parse(arguments[0]))
                        .withFaults(FaultRates.parse(arguments[1]), 7);
        try (Simulator simulator = Simulator.start(settings)) {
            System.out.println(simulator.baseUrl());
            new CountDownLatch(1).await();
        }
    }
}
