package dev.sluice.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DelayTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void modelFindsTheTimeThatTheLoadHasMarked() {
        byte[] request =
                ("{\"content\":\"~ r-1" + Delay.mark(1_234_567_000L) + " text\"}")
                        .getBytes(StandardCharsets.US_ASCII);

        assertThat(Delay.find(request, request.length)).isEqualTo(OptionalLong.of(1_234_567_000L));
        assertThat(Delay.find(request, request.length - 10)).isEmpty();
        assertThat(Delay.find(new byte[100], 100)).isEmpty();
    }

    @Test
    void timesHaveTheirMeanAndAreTheSameForTheSameNumber() {
        double mean =
                LongStream.range(0, 100_000)
                        .map(number -> Delay.draw(number, SECOND))
                        .average()
                        .orElseThrow();

        assertThat(mean / SECOND).isBetween(0.98, 1.02);
        assertThat(Delay.draw(7, SECOND)).isEqualTo(Delay.draw(7, SECOND));
        assertThat(Delay.draw(7, SECOND)).isNotEqualTo(Delay.draw(8, SECOND));
    }
}
