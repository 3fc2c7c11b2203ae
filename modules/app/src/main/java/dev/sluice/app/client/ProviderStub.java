package dev.sluice.app.client;

import dev.sluice.app.config.Environment;
import java.net.URI;
import java.util.Map;

/** Something that answers in a provider's place, for trying things out without a key. */
@FunctionalInterface
public interface ProviderStub {
    /** Starts answering. */
    Running start();

    /** One that answers, until it is closed. */
    interface Running extends AutoCloseable {
        /** Base address for OpenAI's chat completions. */
        URI openAi();

        /** Base address for Anthropic's messages. */
        URI anthropic();

        /** The variables that lead every provider's SDK to it. */
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
