package dev.sluice.junit;

import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A simulator instead of a provider, where this JVM records; else none, and nothing answers. */
final class RecordedSimulator implements AfterAllCallback {
    private final Optional<Simulator> running =
            EvalMode.ofThisJvm() == EvalMode.REPLAY
                    ? Optional.empty()
                    : Optional.of(Simulator.start(SimulatorSettings.defaults()));

    String address() {
        return running.map(one -> one.baseUrl().toString()).orElse("http://localhost:1/v1");
    }

    @Override
    public void afterAll(ExtensionContext context) {
        running.ifPresent(Simulator::close);
    }
}
