package dev.sluice.demo;

import dev.sluice.app.client.ProviderStub;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;

/** The simulator in the place of every provider. */
final class SimulatedProvider implements ProviderStub {
    @Override
    public Running start() {
        return new Started(Simulator.start(SimulatorSettings.defaults()));
    }

    /** A simulator that answers. */
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
