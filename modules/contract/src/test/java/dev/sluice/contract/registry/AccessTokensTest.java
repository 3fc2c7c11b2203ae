package dev.sluice.contract.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When access tokens are replaced. */
class AccessTokensTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final AtomicInteger given = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private boolean failing;
    private String token = "token-";

    /** A buffer of 300 s, but at least half of the life; five minutes if none is stated. */
    @ParameterizedTest
    @CsvSource({"3600, 3300", "60, 30", "400, 200", ", 150"})
    void tokenIsReplacedBeforeItsExpiry(@Nullable Long lifeSeconds, long usedSeconds)
            throws IOException {
        AccessTokens tokens =
                tokens(lifeSeconds == null ? "" : ",\"expires_in\":" + lifeSeconds, 300);
        assertThat(tokens.header()).isEqualTo("Bearer token-1");

        pass(usedSeconds - 1);
        assertThat(tokens.header()).isEqualTo("Bearer token-1");
        pass(1);
        assertThat(tokens.header()).isEqualTo("Bearer token-2");
    }

    @Test
    void rejectedTokenIsReplaced() throws IOException {
        AccessTokens tokens = tokens(",\"expires_in\":3600", 300);
        String first = tokens.header();
        pass(10);

        assertThat(tokens.after(first)).isEqualTo("Bearer token-2");
        assertThat(tokens.after(first)).as("the new one stays").isEqualTo("Bearer token-2");
        assertThat(given).hasValue(2);
    }

    @Test
    void youngTokenIsNotReplacedBecauseANewOneWouldNotHelp() throws IOException {
        AccessTokens tokens = tokens(",\"expires_in\":3600", 300);
        String first = tokens.header();
        pass(9);

        assertThat(tokens.after(first)).isEqualTo(first);
    }

    @Test
    void tokenIsUsedUntilItsExpiryIfTheServerFails() throws IOException {
        AccessTokens tokens = tokens(",\"expires_in\":3600", 300);
        assertThat(tokens.header()).isEqualTo("Bearer token-1");
        failing = true;

        pass(3_599);
        assertThat(tokens.header()).isEqualTo("Bearer token-1");
        pass(1);
        assertThatThrownBy(tokens::header).isInstanceOf(IOException.class).hasMessage("down");
    }

    @Test
    void failureIsTheAnswerForASecond() {
        AccessTokens tokens = tokens("", 0);
        failing = true;

        assertThatThrownBy(tokens::header).hasMessage("down");
        assertThatThrownBy(tokens::header).hasMessage("down");
        assertThat(asked).hasValue(1);

        pass(1);
        assertThatThrownBy(tokens::header).hasMessage("down");
        assertThat(asked).hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"9999999999999", "-1", "1e30", "\"soon\""})
    void senselessLifetimeIsBounded(String expiry) throws IOException {
        assertThat(tokens(",\"expires_in\":" + expiry, 300).header()).isEqualTo("Bearer token-1");
    }

    @Test
    void tokenThatCannotStandInAHeaderIsNotUsedAndNotShown() {
        token = "canary\\ncanary";

        assertThatThrownBy(() -> tokens("", 0).header())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("http://tokens/token")
                .hasMessageNotContaining("canary");
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
                request -> {
                    asked.incrementAndGet();
                    if (failing) {
                        throw new IOException("down");
                    }
                    return new AccessTokens.Sender.Answer(
                            200,
                            "{\"access_token\":\""
                                    + token
                                    + given.incrementAndGet()
                                    + "\""
                                    + expiry
                                    + "}");
                },
                Duration.ofSeconds(1),
                now::get);
    }
}
