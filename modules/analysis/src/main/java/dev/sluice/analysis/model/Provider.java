package dev.sluice.analysis.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The providers whose HTTP interfaces Sluice speaks, with what differs between them besides their
 * messages. A new provider is a row here and an adapter in {@code analysis.provider}.
 */
public enum Provider {
    /** OpenAI's chat completions, at OpenAI or any compatible server. */
    OPENAI(
            "OPENAI_API_KEY",
            Optional.of("OPENAI_BASE_URL"),
            "https://api.openai.com/v1",
            "Authorization",
            "Bearer ",
            RefundPolicy.UNKNOWN),
    /** OpenAI's models at Azure. Each resource has its own address. */
    AZURE(
            "AZURE_OPENAI_KEY",
            Optional.empty(),
            "https://NAME.openai.azure.com/openai/v1",
            "api-key",
            "",
            RefundPolicy.UNKNOWN),
    /** Anthropic's messages. Anthropic documents that it corrects its token estimates. */
    ANTHROPIC(
            "ANTHROPIC_API_KEY",
            Optional.of("ANTHROPIC_BASE_URL"),
            "https://api.anthropic.com",
            "x-api-key",
            "",
            RefundPolicy.REFUNDS);

    private final String keyVariable;
    private final Optional<String> baseUrlVariable;
    private final String baseUrl;
    private final String keyHeader;
    private final String keyPrefix;
    private final RefundPolicy refunds;

    Provider(
            String keyVariable,
            Optional<String> baseUrlVariable,
            String baseUrl,
            String keyHeader,
            String keyPrefix,
            RefundPolicy refunds) {
        this.keyVariable = keyVariable;
        this.baseUrlVariable = baseUrlVariable;
        this.baseUrl = baseUrl;
        this.keyHeader = keyHeader;
        this.keyPrefix = keyPrefix;
        this.refunds = refunds;
    }

    /** The name used in configuration and records. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Environment variable of the API key. */
    public String keyVariable() {
        return keyVariable;
    }

    /** Environment variable of the base URL; empty if there is no address without configuration. */
    public Optional<String> baseUrlVariable() {
        return baseUrlVariable;
    }

    /** The provider's own address, or an example of one where each customer has another. */
    public String baseUrl() {
        return baseUrl;
    }

    /** The headers that authenticate a call. */
    public Map<String, String> authentication(Secret key) {
        return Map.of(keyHeader, keyPrefix + key.value());
    }

    /** Whether unused tokens are given back, unless a deployment is configured otherwise. */
    public RefundPolicy refunds() {
        return refunds;
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
