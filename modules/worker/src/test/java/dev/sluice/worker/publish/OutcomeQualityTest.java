package dev.sluice.worker.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.CallPurpose;
import dev.sluice.contract.CallStatus;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Reason;
import dev.sluice.contract.TokenUsage;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.outcome.CallRows;
import dev.sluice.runtime.outcome.Outcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutcomeQualityTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void answerThatIsValidAtOnceWastesNothing() {
        report(Optional.empty(), call(CallPurpose.ANALYSIS, CallStatus.ANSWERED, "0.5"));

        assertThat(validity("first")).isEqualTo(1);
        assertThat(registry.find("sluice.waste.usd").counters()).isEmpty();
    }

    @Test
    void callBeforeARepairIsWasted() {
        report(
                Optional.empty(),
                call(CallPurpose.ANALYSIS, CallStatus.ANSWERED, "0.5"),
                call(CallPurpose.REPAIR, CallStatus.ANSWERED, "0.25"));

        assertThat(validity("repaired")).isEqualTo(1);
        assertThat(waste("repaired")).isEqualTo(0.5);
    }

    @Test
    void allCallsOfADeadLetterAreWasted() {
        report(
                Optional.of(Reason.INVALID_OUTPUT),
                call(CallPurpose.ANALYSIS, CallStatus.ANSWERED, "0.5"),
                call(CallPurpose.REPAIR, CallStatus.ANSWERED, "0.25"));

        assertThat(validity("invalid")).isEqualTo(1);
        assertThat(waste("failed")).isEqualTo(0.75);
    }

    @Test
    void lostAnswerIsWastedWhateverTheOutcomeIs() {
        report(
                Optional.empty(),
                call(CallPurpose.ANALYSIS, CallStatus.UNCONFIRMED, "2"),
                call(CallPurpose.ANALYSIS, CallStatus.ANSWERED, "0.5"));

        assertThat(validity("first")).isEqualTo(1);
        assertThat(waste("unconfirmed")).isEqualTo(2);
    }

    @Test
    void providersFailureSaysNothingAboutAnswers() {
        report(
                Optional.of(Reason.RETRIES_EXHAUSTED),
                call(CallPurpose.ANALYSIS, CallStatus.UNAVAILABLE, "0"));

        assertThat(registry.find("sluice.answers").meters()).isEmpty();
        assertThat(registry.find("sluice.waste.usd").meters()).isEmpty();
    }

    @Test
    void costAndTimeAreToldByVersion() {
        report(
                Optional.of(Reason.RETRIES_EXHAUSTED),
                call(CallPurpose.ANALYSIS, CallStatus.UNCONFIRMED, "2"),
                call(CallPurpose.ANALYSIS, CallStatus.UNAVAILABLE, "0"));

        assertThat(
                        registry.get("sluice.version.spend.usd")
                                .tags("analysis", "seo", "version", "v1")
                                .counter()
                                .count())
                .isEqualTo(2);
        assertThat(
                        registry.get("sluice.version.calls")
                                .tags("analysis", "seo", "version", "v1")
                                .timer()
                                .count())
                .isEqualTo(1);
    }

    private double validity(String validity) {
        return registry.get("sluice.answers")
                .tags("analysis", "seo", "version", "v1", "validity", validity)
                .counter()
                .count();
    }

    private double waste(String cause) {
        return registry.get("sluice.waste.usd").tags("cause", cause).counter().count();
    }

    private void report(Optional<Reason> reason, ModelCall... calls) {
        OutcomeQuality.of(
                        new Outcome(
                                "r",
                                "ann",
                                "seo",
                                new CallRows(List.of(calls)),
                                reason,
                                Optional.empty(),
                                List.of()))
                .addTo(new SluiceMetrics(registry));
    }

    private static ModelCall call(CallPurpose purpose, CallStatus status, String usd) {
        return ModelCall.newBuilder()
                .setCallId("c")
                .setRequestId("r")
                .setUserId("ann")
                .setGeneration(0)
                .setAnalysis("seo")
                .setAnalysisVersion("v1")
                .setReservationId("x")
                .setDay(LocalDate.EPOCH)
                .setAttempt(1)
                .setPurpose(purpose)
                .setModel("m")
                .setDeployment("openai")
                .setProvider("openai")
                .setModelId("m")
                .setStatus(status)
                .setUsage(TokenUsage.newBuilder().build())
                .setCostUsd(new BigDecimal(usd).setScale(9))
                .setStartedAt(Instant.EPOCH)
                .setDurationMillis(1)
                .build();
    }
}
