package dev.sluice.analysis.model;

import java.net.URI;
import java.time.Duration;

/** Deployments for tests. */
public final class Deployments {
    private Deployments() {}

    public static Deployment of(Provider provider, URI baseUrl, String modelId, Duration timeout) {
        return new Deployment(
                modelId,
                provider.label(),
                modelId,
                ModelTraits.of(modelId),
                new Endpoint(provider, baseUrl, new Secret("sk-secret"), modelId, timeout),
                ProviderLimits.unknown().with(Limit.REQUESTS, 600_000));
    }

    /** A deployment that is never called over a network. */
    public static Deployment named(String modelId) {
        return of(Provider.OPENAI, URI.create("http://localhost"), modelId, Duration.ofSeconds(10));
    }
}
