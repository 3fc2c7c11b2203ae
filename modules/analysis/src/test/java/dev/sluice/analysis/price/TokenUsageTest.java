package dev.sluice.analysis.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenUsageTest {
    @Test
    void usageOfSeveralCallsIsTheSumOfEachCount() {
        TokenUsage first = new TokenUsage(1, 2, 3, 4, 5, 6);
        TokenUsage second = new TokenUsage(10, 20, 30, 40, 50, 60);

        assertThat(first.plus(second)).isEqualTo(new TokenUsage(11, 22, 33, 44, 55, 66));
    }

    @Test
    void partOfTheCacheWritesThatIsKeptForAnHourIsReplaced() {
        assertThat(new TokenUsage(1, 2, 3, 5, 6).withCacheWriteHour(4))
                .isEqualTo(new TokenUsage(1, 2, 3, 4, 5, 6));
    }

    @Test
    void countsFromZeroOnAreAUsage() {
        assertThat(TokenUsage.counted(0, 0, 0, 0, 0)).contains(TokenUsage.NONE);
        assertThat(TokenUsage.counted(1, 2, 3, 4, 5)).contains(new TokenUsage(1, 2, 3, 4, 5));
    }

    @ParameterizedTest
    @CsvSource({"-1,0,0,0,0", "0,-1,0,0,0", "0,0,-1,0,0", "0,0,0,-1,0", "0,0,0,0,-1"})
    void negativeCountIsNoUsage(
            long input, long cachedInput, long cacheWrite, long output, long reasoning) {
        assertThat(TokenUsage.counted(input, cachedInput, cacheWrite, output, reasoning)).isEmpty();
        assertThatThrownBy(() -> new TokenUsage(input, cachedInput, cacheWrite, output, reasoning))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
