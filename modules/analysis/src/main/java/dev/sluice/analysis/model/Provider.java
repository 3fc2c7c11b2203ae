package dev.sluice.analysis.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** API that a deployment speaks. */
public enum Provider {
    /** OpenAI's chat completions, at OpenAI or any compatible server. */
    OPENAI,
    /** OpenAI's models at Azure, with other addresses and another header for the key. */
    AZURE,
    /** Anthropic's messages API. */
    ANTHROPIC;

    /** The name used in configuration and records. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Provider> labelled(String label) {
        return Arrays.stream(values())
                .filter(provider -> provider.label().equals(label))
                .findFirst();
    }

    /** All labels, for messages. */
    public static String labels() {
        return Arrays.stream(values()).map(Provider::label).collect(Collectors.joining(", "));
    }
}
