package dev.sluice.admission;

import static dev.sluice.admission.AdmissionDriver.MAX_WAITING;
import static dev.sluice.admission.AdmissionDriver.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Stage;
import dev.sluice.runtime.telemetry.RecentDeadLetters.Entry;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The metrics of admission, through the topology. */
class AdmissionMetricsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration SWEEP = Duration.ofMillis(100);

    @RegisterExtension private final AdmissionDriver admission = new AdmissionDriver(NOON);

    private void open(Ceilings ceilings, Rates rates) {
        admission.open(
                PriceTable.shipped(),
                new UserLimits(Budgets.ofEach(1_000), ceilings, rates, MAX_WAITING, 1_000),
                1);
    }

    @Test
    void waitingRequestsAreCountedByReasonWithTheAgeOfTheOldest() {
        open(Ceilings.NONE, Rates.ofEach(1));
        admission.send(shared("job", "ann"));
        admission.pass(Duration.ofMinutes(1));
        admission.send(bulk("paced"));
        admission.pass(Duration.ofMinutes(2));
        admission.send(bulk("later"));
        admission.pass(SWEEP);

        assertThat(gauge("sluice.admission.waiting", "reason", "RATE")).isEqualTo(2);
        assertThat(gauge("sluice.admission.waiting.oldest.seconds", "reason", "RATE"))
                .isCloseTo(120, within(1.0));
        assertThat(gauge("sluice.admission.waiting", "reason", "OUTCOME")).isZero();
        assertThat(gauge("sluice.admission.waiting.oldest.seconds", "reason", "OUTCOME")).isZero();
    }

    @Test
    void requestThatLeavesItsQueueIsNoLongerCounted() {
        open(Ceilings.NONE, Rates.ofEach(1_000));
        admission.send(shared("first", "ann"));
        admission.send(shared("second", "ann"));
        admission.pass(SWEEP);
        assertThat(gauge("sluice.admission.waiting", "reason", "OUTCOME")).isEqualTo(1);

        admission.worker.answer(admission.jobs().getFirst(), "0.25", "fine");
        admission.pass(SWEEP);
        admission.pass(SWEEP);

        assertThat(gauge("sluice.admission.waiting", "reason", "OUTCOME")).isZero();
    }

    @Test
    void moneySavedBySharingIsWhatThePayerPaid() {
        open(Ceilings.NONE, Rates.ofEach(1_000));
        admission.send(shared("payer", "ann"));
        admission.worker.answer(admission.jobs().getFirst(), "0.25", "fine");

        admission.send(shared("second", "ann"));
        admission.send(shared("third", "ann"));

        assertThat(counter("sluice.shared.saved.usd")).isCloseTo(0.5, within(1e-9));
    }

    @Test
    void reservedMoneyIsEitherSpentOrRefunded() {
        open(Ceilings.NONE, Rates.ofEach(1_000));
        admission.send(request("ann", "a"));
        var job = admission.jobs().getFirst();
        double cap = job.reservation().getCap().doubleValue();
        assertThat(counter("sluice.reserved.usd")).isCloseTo(cap, within(1e-9));

        admission.worker.settle(job, "0.000001", "0");

        assertThat(counter("sluice.refunded.usd")).isCloseTo(cap - 0.000001, within(1e-9));
    }

    @Test
    void ceilingShowsWhatIsConsumedAndReserved() {
        open(new Ceilings(Optional.of(usd("5")), Map.of("seo", usd("2"))), Rates.ofEach(1_000));
        admission.send(request("ann", "a"));
        admission.worker.settle(admission.jobs().getFirst(), "1", "0");
        admission.send(request("ann", "b"));
        double cap = admission.jobs().getFirst().reservation().getCap().doubleValue();
        admission.pass(SWEEP);

        assertThat(gauge("sluice.ceiling.usd", "ceiling", "all")).isEqualTo(5);
        assertThat(gauge("sluice.ceiling.usd", "ceiling", "seo")).isEqualTo(2);
        assertThat(booked("seo", "consumed")).isEqualTo(1);
        assertThat(booked("all", "reserved")).isCloseTo(cap, within(1e-9));
    }

    @Test
    void deadLettersAreKeptWithTheirIdsIfTheseAreValid() {
        open(Ceilings.NONE, Rates.ofEach(1_000));
        AnalysisRequest unknown = request("ann", "r1");
        unknown.setAnalysis("nothing");
        admission.send(unknown);
        admission.send(request("a\u0007b", "r2"));

        assertThat(admission.deadLetters.newestFirst())
                .extracting(Entry::requestId, Entry::userId, Entry::reason, Entry::stage)
                .containsExactly(
                        tuple("", "", Reason.INVALID_REQUEST, Stage.ADMISSION),
                        tuple("r1", "ann", Reason.UNKNOWN_ANALYSIS, Stage.ADMISSION));
    }

    private static AnalysisRequest shared(String id, String user) {
        AnalysisRequest request = request(user, id);
        request.setCache(CacheUse.ALLOW);
        return request;
    }

    private static AnalysisRequest bulk(String id) {
        AnalysisRequest request = request("ann", id);
        request.setPriority(Priority.BULK);
        return request;
    }

    private double gauge(String name, String tag, String value) {
        return admission.meters.get(name).tag(tag, value).gauge().value();
    }

    private double booked(String ceiling, String kind) {
        return admission
                .meters
                .get("sluice.ceiling.booked.usd")
                .tags("ceiling", ceiling, "kind", kind)
                .gauge()
                .value();
    }

    private double counter(String name) {
        return admission.meters.get(name).counter().count();
    }

    private static Cost usd(String amount) {
        return new Cost(new BigDecimal(amount));
    }
}
