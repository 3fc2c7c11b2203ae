package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InputEstimateTest {
    private final InputEstimate estimate = new InputEstimate();

    @Test
    void firstCallIsEstimatedAtThirtyFiveTokensPerHundredBytes() {
        assertThat(estimate.tokens("any", 10_000)).isEqualTo(3_500);
    }

    @Test
    void firstAnswerSetsTheRatioOfItsAnalysisAlone() {
        estimate.learn("any", 10_000, 2_500);

        assertThat(estimate.tokens("any", 10_000)).isEqualTo(2_500);
        assertThat(estimate.tokens("other", 10_000)).isEqualTo(3_500);
    }

    /** 0.25 tokens per byte, and 5 % of the difference to 0.30. */
    @Test
    void laterAnswerMovesTheRatioByATwentiethOfTheDifference() {
        estimate.learn("any", 10_000, 2_500);

        estimate.learn("any", 10_000, 3_000);

        assertThat(estimate.tokens("any", 10_000)).isEqualTo(2_525);
    }

    @Test
    void callWithoutBytesTeachesNothing() {
        estimate.learn("any", 0, 10);

        assertThat(estimate.tokens("any", 100)).isEqualTo(35);
    }

    @Test
    void callWithoutTokensTeachesNothing() {
        estimate.learn("any", 100, 0);

        assertThat(estimate.tokens("any", 100)).isEqualTo(35);
    }
}
