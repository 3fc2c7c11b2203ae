package dev.sluice.demo;

import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.app.client.ProviderStub;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.util.List;

/**
 * Uses the simulator instead of every provider. It counts with the table of tokens of the analysis
 * in the same process: loading another one takes up to a second.
 */
final class SimulatedProvider implements ProviderStub {
    private static final TokenCounter TOKENS = TokenCounter.ofIds(List.of("gpt-4.1-mini"));

    @Override
    public Running start() {
        return new Started(Simulator.start(SimulatorSettings.defaults(), TOKENS::count));
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
