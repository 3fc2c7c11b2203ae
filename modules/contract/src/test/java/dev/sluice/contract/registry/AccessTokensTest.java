package dev.sluice.contract.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Test;

/** When access tokens are replaced. */
class AccessTokensTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final AtomicInteger given = new AtomicInteger();

    @Test
    void tokenIsReplacedTheBufferBeforeItsExpiry() throws IOException {
        AccessTokens tokens = tokens(",\"expires_in\":3600", 300);
        assertThat(tokens.header()).isEqualTo("Bearer token-1");

        pass(3_299);
        assertThat(tokens.header()).isEqualTo("Bearer token-1");
        pass(1);
        assertThat(tokens.header()).isEqualTo("Bearer token-2");
    }

    @Test
    void tokenThatLivesShorterThanTheBufferIsUsedForHalfOfItsLife() throws IOException {
        AccessTokens tokens = tokens(",\"expires_in\":60", 300);
        assertThat(tokens.header()).isEqualTo("Bearer token-1");

        pass(29);
        assertThat(tokens.header()).isEqualTo("Bearer token-1");
        pass(1);
        assertThat(tokens.header()).isEqualTo("Bearer token-2");
    }

    @Test
    void tokenWithoutAnExpiryIsUsedForSomeMinutes() throws IOException {
        AccessTokens tokens = tokens("", 0);
        assertThat(tokens.header()).isEqualTo("Bearer token-1");

        pass(299);
        assertThat(tokens.header()).isEqualTo("Bearer token-1");
        pass(1);
        assertThat(tokens.header()).isEqualTo("Bearer token-2");
    }

    @Test
    void rejectionOfAnOlderTokenKeepsTheNewOne() throws IOException {
        AccessTokens tokens = tokens(",\"expires_in\":3600", 300);
        String first = tokens.header();
        tokens.reject(first);
        String second = tokens.header();

        tokens.reject(first);

        assertThat(tokens.header()).isEqualTo(second);
        assertThat(given).hasValue(2);
    }

    private void pass(long seconds) {
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    private AccessTokens tokens(String expiry, int bufferSeconds) {
        return new AccessTokens(
                new Credentials.OAuthClient(
                        URI.create("http://tokens/token"),
                        "ann",
                        new Password("secret"),
                        Optional.empty(),
                        Duration.ofSeconds(bufferSeconds)),
                request ->
                        new AccessTokens.Sender.Answer(
                                200,
                                "{\"access_token\":\"token-"
                                        + given.incrementAndGet()
                                        + "\""
                                        + expiry
                                        + "}"),
                Duration.ofSeconds(1),
                now::get);
    }
}
