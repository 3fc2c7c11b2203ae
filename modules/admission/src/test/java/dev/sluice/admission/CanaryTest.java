package dev.sluice.admission;

import static dev.sluice.admission.AdmissionDriver.TOPICS;
import static dev.sluice.admission.AdmissionDriver.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.canary.TrialCounts;
import dev.sluice.admission.canary.TrialState;
import dev.sluice.admission.canary.VersionCounts;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.Canary;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Validity;
import dev.sluice.runtime.job.Job;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Canaries through the topology: which version requests get, what counts, and when they stop. */
class CanaryTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    /** Closes the cohorts of jobs that have ended. */
    private static final Duration COHORT = Duration.ofSeconds(6);

    private static final String CANARY = "c0ffeec0ffee";
    private static final AnalysisDefinition CURRENT =
            AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();

    @RegisterExtension private final AdmissionDriver admission = new AdmissionDriver(NOON);

    @Test
    void shareOfTheRequestsGoesToTheCanary() {
        open(20, Canary.Unit.REQUEST);

        List<Job> jobs = send(500, "a");

        assertThat(jobs).hasSize(500);
        assertThat(jobs.stream().filter(CanaryTest::isCanary).count()).isBetween(70L, 130L);
        assertThat(counts().current().admitted() + counts().canary().admitted()).isEqualTo(500);
        assertThat(counts().canary().admitted())
                .isEqualTo(jobs.stream().filter(CanaryTest::isCanary).count());
    }

    @Test
    void everyAdmissionGivesARequestTheSameVersion() {
        open(50, Canary.Unit.REQUEST);
        List<String> here = versions(send(50, "a"));

        try (AdmissionDriver other = new AdmissionDriver(NOON)) {
            open(other, 50, Canary.Unit.REQUEST);
            assertThat(versions(send(other, 50, "a"))).isEqualTo(here).contains(CANARY);
        }
    }

    @Test
    void otherShareIsAnotherTrial() {
        open(50, Canary.Unit.REQUEST);
        List<Job> jobs = send(60, "a");
        jobs.forEach(job -> admission.worker.judge(job, Validity.REPAIRED));
        String first = trial();

        open(40, Canary.Unit.REQUEST);
        send(10, "b");

        assertThat(trial()).isNotEqualTo(first);
        assertThat(counts().current().ended() + counts().canary().ended()).isZero();
    }

    @Test
    void canaryThatFailsMoreOftenStops() {
        open(50, Canary.Unit.REQUEST);
        for (Job job : send(100, "a")) {
            admission.worker.judge(job, isCanary(job) ? Validity.FAILED : Validity.FIRST);
        }
        conclude(admission);

        assertThat(counts().state()).isEqualTo(TrialState.STOPPED);
        assertThat(state("stopped")).isEqualTo(1);
        assertThat(state("running")).isZero();
        assertThat(versions(send(50, "b"))).containsOnly(CURRENT.fingerprint()).hasSize(50);

        admission.restart();
        assertThat(versions(send(50, "c"))).containsOnly(CURRENT.fingerprint()).hasSize(50);
    }

    @Test
    void canaryStopsForItsFirstAnswersAlone() {
        open(50, Canary.Unit.REQUEST);
        for (Job job : send(100, "a")) {
            admission.worker.judge(job, isCanary(job) ? Validity.REPAIRED : Validity.FIRST);
        }
        conclude(admission);

        assertThat(counts().state()).isEqualTo(TrialState.STOPPED);
        assertThat(counts().canary().firstValid()).isZero();
        assertThat(counts().canary().valid()).isEqualTo(1);
    }

    @Test
    void canaryThatFailsLessOftenIsBetterAndGoesOn() {
        open(50, Canary.Unit.REQUEST);
        for (Job job : send(100, "a")) {
            admission.worker.judge(job, isCanary(job) ? Validity.FIRST : Validity.REPAIRED);
        }
        conclude(admission);

        assertThat(counts().state()).isEqualTo(TrialState.BETTER);
        assertThat(state("better")).isEqualTo(1);
        assertThat(versions(send(50, "b"))).contains(CANARY);
    }

    @Test
    void versionsThatFailEquallyOftenGoOn() {
        open(50, Canary.Unit.REQUEST);
        send(100, "a").forEach(job -> admission.worker.judge(job, Validity.FAILED));
        conclude(admission);

        assertThat(counts().state()).isEqualTo(TrialState.RUNNING);
        assertThat(counts().current().failed() + counts().canary().failed()).isEqualTo(100);
    }

    @Test
    void countsHaveCostAndTimeOfTheJobs() {
        open(50, Canary.Unit.REQUEST);
        Job job = send(20, "a").stream().filter(CanaryTest::isCanary).findFirst().orElseThrow();

        admission.worker.judge(job, Validity.FIRST);
        conclude(admission);

        VersionCounts canary = counts().canary();
        assertThat(canary.ended()).isEqualTo(1);
        assertThat(canary.cost().usd()).isEqualByComparingTo("0.001");
        assertThat(canary.times().quantile(0.5).toMillis()).isBetween(1_200L, 1_440L);
    }

    @Test
    void repeatedSettlementCountsOnce() {
        open(50, Canary.Unit.REQUEST);
        Job job = send(1, "a").getFirst();

        admission.worker.judge(job, Validity.FAILED);
        admission.worker.judge(job, Validity.FAILED);
        conclude(admission);

        assertThat(counts().current().ended() + counts().canary().ended()).isEqualTo(1);
    }

    @Test
    void stopOfAnotherTaskHolds() {
        open(50, Canary.Unit.REQUEST);
        for (Job job : send(100, "a")) {
            admission.worker.judge(job, isCanary(job) ? Validity.FAILED : Validity.FIRST);
        }
        conclude(admission);
        TestRecord<byte[], byte[]> stopped = admission.records(TOPICS.trials()).getLast();
        byte[] ofOther = stopped.key().clone();
        ByteBuffer.wrap(ofOther).putInt(7);

        try (AdmissionDriver other = new AdmissionDriver(NOON)) {
            open(other, 50, Canary.Unit.REQUEST);
            assertThat(versions(send(other, 50, "b"))).contains(CANARY);
            other.publishTrial("x".getBytes(StandardCharsets.UTF_8), new byte[] {1, 2});
            other.publishTrial("foreign".getBytes(StandardCharsets.UTF_8), new byte[] {1, 2});
            other.publishTrial(ofOther, stopped.value());
            conclude(other);

            assertThat(versions(send(other, 50, "c"))).containsOnly(CURRENT.fingerprint());
        }
    }

    @Test
    void usersAreDrawnIfTheyAreTheUnit() {
        open(50, Canary.Unit.USER);
        Set<String> seen = new HashSet<>();
        for (int user = 0; user < 20; user++) {
            for (int i = 0; i < 5; i++) {
                admission.send(request("user-" + user, "r" + i));
            }
            List<String> versions = versions(admission.jobs());
            assertThat(versions).hasSize(5).containsOnly(versions.getFirst());
            seen.addAll(versions);
        }
        assertThat(seen).containsExactlyInAnyOrder(CANARY, CURRENT.fingerprint());
    }

    /** One user who always fails is one failure: his requests were all drawn together. */
    @Test
    void userFailsOnce() {
        open(50, Canary.Unit.USER);
        for (int i = 0; i < 40; i++) {
            admission.send(request("ann", "r" + i));
        }
        admission.jobs().forEach(job -> admission.worker.judge(job, Validity.FAILED));
        conclude(admission);

        VersionCounts ofAnn =
                counts().canary().ended() > 0 ? counts().canary() : counts().current();
        assertThat(ofAnn.failed()).isEqualTo(40);
        assertThat(ofAnn.failedUnits()).isEqualTo(1);
        assertThat(ofAnn.notFirstUnits()).isEqualTo(1);
        assertThat(counts().state()).isEqualTo(TrialState.RUNNING);
    }

    /**
     * The version with more requests shares more outcomes, so a content counts only where neither
     * has seen it.
     */
    @Test
    void contentThatTheOtherVersionHasAnsweredDoesNotCount() {
        open(50, Canary.Unit.REQUEST);
        Optional<Job> first = Optional.empty();
        int counted = 0;
        int jobs = 0;
        for (int i = 0; i < 40; i++) {
            admission.send(shared("ann", "r" + i));
            for (Job job : admission.jobs()) {
                jobs++;
                counted += job.admitted().getTrial() == null ? 0 : 1;
                first = first.or(() -> Optional.of(job));
                admission.worker.answer(job, "0.01", "fine");
            }
        }
        assertThat(jobs).isEqualTo(2);
        assertThat(counted).isEqualTo(1);
        assertThat(first.orElseThrow().admitted().getTrial()).isNotNull();
        assertThat(admission.results()).hasSize(38);
    }

    /** They all have the leader's version, and the content that has just failed. */
    @Test
    void requestsThatWaitedForAnOutcomeDoNotCount() {
        open(50, Canary.Unit.USER);
        for (int i = 0; i < 3; i++) {
            admission.send(shared("ann", "r" + i));
        }
        Job leader = admission.jobs().getFirst();
        assertThat(leader.admitted().getTrial()).isNotNull();

        admission.worker.end(leader, "0.001", Reason.CAP_EXHAUSTED);
        conclude(admission);

        List<Job> next = admission.jobs();
        assertThat(next).hasSize(1).allMatch(job -> job.admitted().getTrial() == null);
        admission.worker.answer(next.getFirst(), "0.001", "fine");
        conclude(admission);
        assertThat(admission.results()).hasSize(1);
    }

    @Test
    void requestsThatWaitForTheCanaryWhenItStopsGetTheCurrentVersion() {
        open(50, Canary.Unit.USER);
        for (Job job : send(100, "a")) {
            admission.worker.judge(job, isCanary(job) ? Validity.FAILED : Validity.FIRST);
        }
        conclude(admission);
        TestRecord<byte[], byte[]> stopped = admission.records(TOPICS.trials()).getLast();
        byte[] ofOther = stopped.key().clone();
        ByteBuffer.wrap(ofOther).putInt(7);
        try (AdmissionDriver other = new AdmissionDriver(NOON)) {
            open(other, 50, Canary.Unit.USER);
            String user =
                    send(other, 20, "b").stream()
                            .filter(CanaryTest::isCanary)
                            .map(job -> job.request().getUserId().toString())
                            .findFirst()
                            .orElseThrow();
            for (int i = 0; i < 3; i++) {
                other.send(shared(user, "r" + i));
            }
            Job leader = other.jobs().getFirst();
            assertThat(version(leader)).isEqualTo(CANARY);
            other.publishTrial(ofOther, stopped.value());
            conclude(other);

            other.worker.answer(leader, "0.001", "fine");
            conclude(other);

            List<Job> next = other.jobs();
            assertThat(versions(next)).containsExactly(CURRENT.fingerprint());
            assertThat(other.results()).isEmpty();
            other.worker.answer(next.getFirst(), "0.001", "fine");
            conclude(other);
            assertThat(other.results()).hasSize(1);
            assertThat(other.jobs()).isEmpty();
        }
    }

    private static AnalysisRequest shared(String user, String id) {
        AnalysisRequest request = request(user, id);
        request.setCache(CacheUse.ALLOW);
        return request;
    }

    @Test
    void redrivesGetTheirRequestsVersionAndDoNotCount() {
        open(50, Canary.Unit.REQUEST);
        List<Job> jobs = send(20, "a");
        jobs.forEach(job -> admission.worker.judge(job, Validity.FAILED));
        for (Job job : jobs) {
            admission.send(
                    new TestRecord<>(
                            null,
                            admission.bytes(job.request()),
                            new RecordHeaders()
                                    .add(
                                            HeaderNames.GENERATION,
                                            "1".getBytes(StandardCharsets.UTF_8))));
        }
        List<Job> redriven = admission.jobs();

        assertThat(versions(redriven)).isEqualTo(versions(jobs));
        assertThat(redriven).allMatch(job -> job.admitted().getTrial() == null);
    }

    /** Lets admission publish what it has counted, and conclude the state from that. */
    private static void conclude(AdmissionDriver admission) {
        admission.pass(COHORT);
        admission.pass(COHORT);
    }

    private void open(int percent, Canary.Unit unit) {
        open(admission, percent, unit);
    }

    private static void open(AdmissionDriver admission, int percent, Canary.Unit unit) {
        AnalysisDefinition canary =
                new AnalysisDefinition(
                        "seo",
                        CANARY,
                        CURRENT.instructions(),
                        CURRENT.models(),
                        CURRENT.input(),
                        CURRENT.output());
        admission.analyses =
                AnalysisCatalog.load(Optional.empty())
                        .with(Map.of("seo", new Canary(canary, percent, unit)));
        admission.open(PriceTable.shipped(), Budgets.ofEach(100), 1);
    }

    private List<Job> send(int requests, String name) {
        return send(admission, requests, name);
    }

    private static List<Job> send(AdmissionDriver admission, int requests, String name) {
        for (int i = 0; i < requests; i++) {
            admission.send(request("user-" + i, name + i));
        }
        return admission.jobs();
    }

    private static boolean isCanary(Job job) {
        return version(job).equals(CANARY);
    }

    private static String version(Job job) {
        return job.admitted().getAnalysisVersion().toString();
    }

    private static List<String> versions(List<Job> jobs) {
        return jobs.stream().map(CanaryTest::version).toList();
    }

    private double state(String state) {
        return admission
                .meters
                .get("sluice.canary.state")
                .tags("analysis", "seo", "state", state)
                .gauge()
                .value();
    }

    private String trial() {
        return published().trial();
    }

    private TrialCounts counts() {
        return published().counts();
    }

    private Optional<TrialCounts.Published> latest = Optional.empty();

    /** The counts that were published last. */
    private TrialCounts.Published published() {
        conclude(admission);
        latest =
                admission.records(TOPICS.trials()).stream()
                        .map(record -> TrialCounts.published(record.key(), record.value()))
                        .flatMap(Optional::stream)
                        .reduce((_, later) -> later)
                        .or(() -> latest);
        return latest.orElseThrow();
    }
}
