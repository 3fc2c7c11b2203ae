package dev.sluice.runtime.metrics;

import dev.sluice.analysis.model.Provider;

/** Values of OpenTelemetry's semantic conventions for generative AI. */
public final class GenAi {
    /** The operation of every call. */
    public static final String CHAT = "chat";

    private GenAi() {}

    /** A provider's well-known name. */
    public static String provider(Provider provider) {
        return switch (provider) {
            case OPENAI -> "openai";
            case AZURE -> "azure.ai.openai";
            case ANTHROPIC -> "anthropic";
        };
    }
}
