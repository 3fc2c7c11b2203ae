package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.spi.FilterReply;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class RequestSamplingTest {
    private final RequestSampling sampling = new RequestSampling();

    @Test
    void aTenthOfTheRequestsIsKept() {
        sampling.setShare(0.1);

        long kept =
                IntStream.range(0, 10_000)
                        .filter(i -> isKept(event("outcome published", "r" + i, "NONE")))
                        .count();

        assertThat(kept).isBetween(850L, 1_150L);
    }

    @Test
    void linesOfARequestAreKeptOrDroppedTogether() {
        sampling.setShare(0.5);

        assertThat(IntStream.range(0, 100).mapToObj(i -> "r" + i))
                .allSatisfy(request ->
                        assertThat(isKept(event("model called", request, "NONE")))
                                .isEqualTo(isKept(event("outcome published", request, "NONE"))));
    }

    @Test
    void deadLettersAreAlwaysKept() {
        sampling.setShare(0);

        assertThat(isKept(event("outcome published", "r", "INVALID_OUTPUT"))).isTrue();
        assertThat(isKept(event("outcome published", "r", "NONE"))).isFalse();
    }

    @Test
    void otherLinesAreKept() {
        sampling.setShare(0);

        assertThat(isKept(new LoggingEvent())).isTrue();
        assertThat(isKept(event("a job holds up its partition", "r", "NONE"))).isTrue();
    }

    private boolean isKept(LoggingEvent event) {
        return sampling.decide(event) != FilterReply.DENY;
    }

    private static LoggingEvent event(String message, String request, String reason) {
        LoggingEvent event = new LoggingEvent();
        event.setMessage(message);
        event.addKeyValuePair(new KeyValuePair("requestId", request));
        event.addKeyValuePair(new KeyValuePair("reason", reason));
        return event;
    }
}
