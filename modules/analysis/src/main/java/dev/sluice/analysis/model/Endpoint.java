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
        Provider provider, URI baseUrl, Secret apiKey, String sentAs, Duration timeout) {
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);

    /** Well below the timeout, so that a call that was never sent is known for one. */
    Duration connectTimeout() {
        Duration half = timeout.dividedBy(2);
        return half.compareTo(LONGEST_CONNECT) < 0 ? half : LONGEST_CONNECT;
    }
}
