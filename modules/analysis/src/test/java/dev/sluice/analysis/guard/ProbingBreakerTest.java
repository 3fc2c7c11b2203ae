package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.guard.ProbingBreaker.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProbingBreakerTest {
    private Instant now = Instant.parse("2026-11-23T10:00:00Z");
    private final ProbingBreaker breaker =
            new ProbingBreaker("m/d", Duration.ofSeconds(120), () -> now);

    @Test
    void lateTimeoutsOfTheOutageDoNotReopenIt() {
        List<ProbingBreaker.Ticket> hung = enter(10);
        open();
        now = now.plusSeconds(11);
        ProbingBreaker.Ticket probe = enter(1).getFirst();
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);

        hung.forEach(late -> late.failed("no answer"));
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);

        probe.accepted();
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void firstAcceptedProbeClosesItEvenIfTheOthersHang() {
        open();
        now = now.plusSeconds(11);
        List<ProbingBreaker.Ticket> probes = enter(3);
        assertThat(breaker.enter()).isEmpty();

        probes.getLast().accepted();

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        probes.getFirst().failed("no answer");
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void permitsOfAnEarlierStateLetNoFurtherProbesThrough() {
        List<ProbingBreaker.Ticket> before = enter(200);
        open();
        now = now.plusSeconds(11);
        List<ProbingBreaker.Ticket> probes = enter(3);
        before.forEach(ProbingBreaker.Ticket::giveBack);

        assertThat(breaker.enter()).isEmpty();
        probes.forEach(ProbingBreaker.Ticket::giveBack);
        assertThat(enter(3)).hasSize(3);
        assertThat(breaker.enter()).isEmpty();
    }

    @Test
    void failedProbesOpenItAgain() {
        open();
        now = now.plusSeconds(11);
        enter(3).forEach(probe -> probe.failed("HTTP 503"));

        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void fewFailuresInARowOpenIt() {
        for (int i = 0; i < 5; i++) {
            enter(1).getFirst().failed("no answer");
            now = now.plusSeconds(8);
        }

        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    private void open() {
        enter(20).forEach(ticket -> ticket.failed("HTTP 503"));
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    private List<ProbingBreaker.Ticket> enter(int calls) {
        return new ArrayList<>(
                Stream.generate(() -> breaker.enter().orElseThrow()).limit(calls).toList());
    }
}
