package dev.sluice.analysis.model;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Where and how a deployment is called.
 *
 * @param baseUrl as the provider's own SDK takes it
 * @param sentAs what the model is called there: its id, or Azure's name of the deployment
 * @param timeout from sending a request to its whole answer
 * @param serviceTier the tier to ask for; nothing is asked if it is empty
 * @param keyAlias names the key in records, and is not the key
 */
public record Endpoint(
        Provider provider,
        URI baseUrl,
        Secret apiKey,
        String sentAs,
        Duration timeout,
        Optional<ServiceTier> serviceTier,
        String keyAlias) {
    /** Asks for no tier; the key has no alias. */
    public Endpoint(
            Provider provider, URI baseUrl, Secret apiKey, String sentAs, Duration timeout) {
        this(provider, baseUrl, apiKey, sentAs, timeout, Optional.empty(), "");
    }

    public Endpoint with(ServiceTier tier) {
        return new Endpoint(
                provider, baseUrl, apiKey, sentAs, timeout, Optional.of(tier), keyAlias);
    }
}
