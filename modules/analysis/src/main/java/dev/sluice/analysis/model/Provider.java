package dev.sluice.analysis.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whose interface a deployment speaks. */
public enum Provider {
    /** OpenAI's chat completions, its own or those of any compatible server. */
    OPENAI,
    /** OpenAI's models at Azure: other addresses, another header for the key. */
    AZURE,
    /** Anthropic's messages. */
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
