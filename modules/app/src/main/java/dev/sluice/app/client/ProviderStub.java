package dev.sluice.app.client;

import dev.sluice.app.config.Environment;
import java.net.URI;
import java.util.Map;

/** A stand-in for a provider, for trials without an API key. */
@FunctionalInterface
public interface ProviderStub {
    /** Starts the stub. */
    Running start();

    /** A running stub; closing it stops it. */
    interface Running extends AutoCloseable {
        /** Base address for OpenAI's chat completions. */
        URI openAi();

        /** Base address for Anthropic's messages. */
        URI anthropic();

        /** The environment variables with which every provider's SDK calls the stub. */
        default Environment environment() {
            return Environment.of(
                    Map.of(
                            "OPENAI_BASE_URL",
                            openAi().toString(),
                            "OPENAI_API_KEY",
                            "simulator",
                            "ANTHROPIC_BASE_URL",
                            anthropic().toString(),
                            "ANTHROPIC_API_KEY",
                            "simulator"));
        }

        @Override
        void close();
    }
}
