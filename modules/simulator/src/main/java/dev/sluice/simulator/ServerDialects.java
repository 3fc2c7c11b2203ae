package dev.sluice.simulator;

import dev.sluice.simulator.ServerDialect.Sketch;
import java.util.List;

/** All known server dialects. */
final class ServerDialects {
    static final ServerDialect PLAIN =
            new Sketch("plain", "both interfaces as their own providers document them").done();

    static final List<ServerDialect> ALL =
            List.of(
                    ProviderDialects.openAi(),
                    ProviderDialects.anthropic(),
                    ProviderDialects.azure(),
                    ProviderDialects.gemini(),
                    ProviderDialects.mistral(),
                    ProviderDialects.groq(),
                    ProviderDialects.deepSeek(),
                    ProviderDialects.xAi(),
                    GatewayDialects.openRouter(),
                    GatewayDialects.liteLlm(),
                    GatewayDialects.vLlm(),
                    GatewayDialects.ollama());

    private ServerDialects() {}
}
