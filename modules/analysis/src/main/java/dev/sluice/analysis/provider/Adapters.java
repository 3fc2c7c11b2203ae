package dev.sluice.analysis.provider;

import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.transport.HttpSender;
import java.time.InstantSource;

/** Chooses the adapter that speaks a deployment's HTTP interface. */
public final class Adapters {
    private Adapters() {}

    public static Model of(Deployment deployment, HttpSender sender, InstantSource clock) {
        return switch (deployment.endpoint().provider()) {
            case OPENAI, AZURE -> new OpenAiModel(deployment, sender, clock);
            case ANTHROPIC -> new AnthropicModel(deployment, sender, clock);
        };
    }
}
