package dev.sluice.analysis.model;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Address and protocol settings of a deployment.
 *
 * @param baseUrl base URL in the form the provider's own SDK accepts
 * @param sentAs model name in requests: its id, or Azure's name of the deployment
 * @param timeout from sending a request to its complete answer
 * @param serviceTier the tier to request; none is requested if empty
 * @param keyAlias name of the key in records; not the key itself
 */
public record Endpoint(
        Provider provider,
        URI baseUrl,
        Secret apiKey,
        String sentAs,
        Duration timeout,
        Optional<ServiceTier> serviceTier,
        String keyAlias) {
    /** An endpoint without a tier and without a key alias. */
    public Endpoint(
            Provider provider, URI baseUrl, Secret apiKey, String sentAs, Duration timeout) {
        this(provider, baseUrl, apiKey, sentAs, timeout, Optional.empty(), "");
    }

    public Endpoint with(ServiceTier tier) {
        return new Endpoint(
                provider, baseUrl, apiKey, sentAs, timeout, Optional.of(tier), keyAlias);
    }
}
