package dev.sluice.analysis.model;

import java.net.URI;
import java.time.Duration;

/**
 * One place where a model can be called.
 *
 * @param model name of the model in the configuration; several deployments may share it
 * @param name unique among the deployments of the model
 * @param modelId what the provider calls the model; prices go by it
 * @param requestsPerMinute the provider's limit for this deployment
 * @param timeout from sending a request to its whole answer
 */
public record Deployment(
        String model,
        String name,
        String provider,
        String modelId,
        URI baseUrl,
        Secret apiKey,
        int requestsPerMinute,
        Duration timeout) {}
