package dev.sluice.demo;

import dev.sluice.app.client.ProviderStub;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;

/** Uses the simulator instead of every provider. */
final class SimulatedProvider implements ProviderStub {
    @Override
    public Running start() {
        return new Started(Simulator.start(SimulatorSettings.defaults()));
    }

    /** A running simulator. */
    record Started(Simulator simulator) implements Running {
        @Override
        public URI openAi() {
            return simulator.baseUrl();
        }

        @Override
        public URI anthropic() {
            return simulator.anthropicBaseUrl();
        }

        @Override
        public void close() {
            simulator.close();
        }
    }
}
