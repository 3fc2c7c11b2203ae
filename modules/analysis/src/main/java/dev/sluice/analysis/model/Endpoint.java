package dev.sluice.analysis.model;

import java.net.URI;
import java.time.Duration;

/**
 * Where and how a deployment is called.
 *
 * @param baseUrl as the provider's own SDK takes it
 * @param sentAs what the model is called there: its id, or Azure's name of the deployment
 * @param timeout from sending a request to its whole answer
 */
public record Endpoint(
        Provider provider, URI baseUrl, Secret apiKey, String sentAs, Duration timeout) {}
