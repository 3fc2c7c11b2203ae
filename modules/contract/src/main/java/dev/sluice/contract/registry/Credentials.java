package dev.sluice.contract.registry;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.apache.kafka.common.config.types.Password;

/** How the client proves to the registry who it is. No text form shows a secret. */
public sealed interface Credentials {
    /** The registry asks for none. */
    record None() implements Credentials {}

    /**
     * The same header in each request.
     *
     * @param authorization value of the Authorization header
     */
    record Fixed(Password authorization) implements Credentials {
        static Fixed basic(String userInfo) {
            byte[] bytes = userInfo.getBytes(StandardCharsets.UTF_8);
            return new Fixed(new Password("Basic " + Base64.getEncoder().encodeToString(bytes)));
        }

        static Fixed bearer(String token) {
            return new Fixed(new Password("Bearer " + token));
        }
    }

    /**
     * Access tokens that an OAuth server gives to this client (the client credentials grant).
     *
     * @param tokenEndpoint where tokens are asked for
     * @param scope the scope to ask for; empty to name none
     * @param expiryBuffer how long before its expiry a token is replaced
     */
    record OAuthClient(
            URI tokenEndpoint,
            String clientId,
            Password clientSecret,
            Optional<String> scope,
            Duration expiryBuffer)
            implements Credentials {}
}
