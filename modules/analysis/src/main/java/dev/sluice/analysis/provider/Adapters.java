package dev.sluice.analysis.provider;

import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.transport.Transport;
import java.time.InstantSource;

/** Chooses the adapter that speaks a deployment's HTTP interface. */
public final class Adapters {
    private Adapters() {}

    public static Model of(Deployment deployment, Transport transport, InstantSource clock) {
        return switch (deployment.endpoint().provider()) {
            case OPENAI, AZURE -> new OpenAiModel(deployment, transport, clock);
            case ANTHROPIC -> new AnthropicModel(deployment, transport, clock);
        };
    }
}
