package dev.sluice.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Spend;
import dev.sluice.contract.WhenOverBudget;
import dev.sluice.runtime.job.Job;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.avro.generic.GenericRecord;

/**
 * Random schedules of requests, settlements, restarts and clock changes, through the topology. F1:
 * no day of a user is ever booked beyond its limit. F2: every request ends once, and has at most
 * one job. F3: the published day equals the sum of its settlements.
 */
class WholeFlowTest {
    private static final Cost LIMIT = new Cost(new BigDecimal("0.1"));
    private static final ZoneId ZONE = ZoneId.of("America/New_York");
    private static final Duration LONGEST = Duration.ofHours(20);
    private static AdmissionDriver admission;
    private static int schedules;

    private record UserDay(String user, LocalDate day) {}

    @BeforeContainer
    static void start() {
        admission = new AdmissionDriver(Instant.parse("2026-11-23T15:00:00Z"));
        admission.open(
                PriceTable.shipped(),
                new UserLimits(
                        new Budgets(LIMIT, Map.of(), ZONE),
                        Ceilings.NONE,
                        Rates.ofEach(15),
                        AdmissionDriver.MAX_WAITING,
                        3),
                1);
    }

    @AfterContainer
    static void stop() {
        admission.close();
    }

    @Property(tries = 40)
    void everyRequestEndsOnceAndNoDayIsBookedBeyondItsLimit(@ForAll long seed) {
        new Schedule(seed).run();
    }

    /** One schedule with its own users. */
    private static final class Schedule {
        private final Random random;
        private final Set<RequestKey> sent = new LinkedHashSet<>();
        private final Set<RequestKey> admitted = new LinkedHashSet<>();
        private final Map<RequestKey, Integer> outcomes = new HashMap<>();

        /** Requests denied with a retry time; the same request may be sent again after it. */
        private final Set<RequestKey> deniedForRate = new HashSet<>();

        private final List<Job> open = new ArrayList<>();
        private final Map<UserDay, Cost> consumed = new HashMap<>();
        private final Map<UserDay, Cost> published = new HashMap<>();
        private final String schedule = "s" + schedules++ + "-";

        Schedule(long seed) {
            random = new Random(seed);
        }

        void run() {
            Instant end = admission.now().plus(LONGEST);
            for (int step = 0; step < 150 && admission.now().isBefore(end); step++) {
                switch (random.nextInt(28)) {
                    case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 -> send();
                    case 12, 13, 14, 15, 16, 17, 18, 19 -> settle();
                    case 20, 21, 22 -> admission.pass(Duration.ofMillis(random.nextInt(2_000)));
                    case 23, 24 -> admission.pass(Duration.ofMinutes(random.nextInt(180)));
                    case 25 -> admission.setClockBack(Duration.ofMinutes(random.nextInt(120)));
                    default -> admission.restart();
                }
                collect();
            }
            for (int day = 0; day < 9 && !ended(); day++) {
                for (int i = 0; i < 100 && !(open.isEmpty() && ended()); i++) {
                    while (!open.isEmpty()) {
                        settle();
                    }
                    admission.pass(Duration.ofSeconds(1));
                    collect();
                }
                admission.pass(Duration.ofDays(1));
                collect();
            }

            Set<RequestKey> all = new HashSet<>(outcomes.keySet());
            all.addAll(deniedForRate);
            assertThat(all).as("F2").isEqualTo(sent);
            assertThat(outcomes.values()).as("F2").containsOnly(1);
            consumed.forEach(
                    (day, cost) -> assertThat(published.get(day)).as("F3").isEqualTo(cost));
        }

        private boolean ended() {
            return sent.stream()
                    .allMatch(request ->
                            outcomes.containsKey(request) || deniedForRate.contains(request));
        }

        private void send() {
            AnalysisRequest request =
                    AdmissionDriver.request(
                            schedule + random.nextInt(2), String.valueOf(random.nextInt(40)));
            request.setContent("<title>Page " + random.nextInt(3) + "</title>");
            request.setCache(random.nextInt(3) == 0 ? CacheUse.BYPASS : CacheUse.ALLOW);
            request.setPriority(random.nextInt(4) == 0 ? Priority.BULK : Priority.INTERACTIVE);
            request.setWhenOverBudget(
                    random.nextInt(4) == 0 ? WhenOverBudget.WAIT : WhenOverBudget.REFUSE);
            request.setDeadline(
                    admission.now().plus(Duration.ofMinutes(1 + random.nextInt(2_400))));
            admission.send(request);
            sent.add(RequestKey.of(request, 0));
        }

        /** Settles a random job, sometimes twice. */
        private void settle() {
            if (open.isEmpty()) {
                return;
            }
            Job job = open.remove(random.nextInt(open.size()));
            BigDecimal cost =
                    job.reservation().getCap().multiply(BigDecimal.valueOf(random.nextInt(101), 2));
            String spent = new Cost(cost).toString();
            int times = random.nextInt(3) == 0 ? 2 : 1;
            int kind = random.nextInt(4);
            for (int i = 0; i < times; i++) {
                switch (kind) {
                    case 0 -> admission.worker.fail(job, spent, Reason.INVALID_OUTPUT);
                    case 1 -> admission.worker.end(job, spent, Reason.CAP_EXHAUSTED);
                    default -> admission.worker.answer(job, spent, "fine");
                }
            }
            consumed.merge(day(job), new Cost(cost), Cost::plus);
            ended(RequestKey.of(job.request(), 0));
            collect();
        }

        private void ended(RequestKey request) {
            outcomes.merge(request, 1, Integer::sum);
        }

        /** Collects and checks all published records. */
        private void collect() {
            for (Job job :
                    Stream.concat(admission.jobs().stream(), admission.bulkJobs().stream())
                            .toList()) {
                open.add(job);
                assertThat(admitted.add(RequestKey.of(job.request(), 0))).as("F2").isTrue();
            }
            for (GenericRecord result : admission.results()) {
                ended(
                        new RequestKey(
                                result.get("userId").toString(),
                                result.get("requestId").toString(),
                                0));
            }
            for (DeadLetter letter : admission.deadLetters()) {
                RequestKey request =
                        new RequestKey(
                                letter.getUserId().toString(), letter.getRequestId().toString(), 0);
                if (letter.getReason() == Reason.RATE_EXCEEDED) {
                    assertThat(outcomes).as("F2").doesNotContainKey(request);
                    deniedForRate.add(request);
                } else {
                    ended(request);
                }
            }
            for (Spend spend : admission.spends()) {
                published.put(
                        new UserDay(spend.getUserId().toString(), spend.getDay()),
                        new Cost(spend.getSpentUsd().add(spend.getUnconfirmedUsd())));
            }
            Map<UserDay, Cost> booked = new HashMap<>(consumed);
            open.forEach(job ->
                    booked.merge(day(job), new Cost(job.reservation().getCap()), Cost::plus));
            assertThat(booked.values()).as("F1").allMatch(cost -> cost.compareTo(LIMIT) <= 0);
        }

        private static UserDay day(Job job) {
            return new UserDay(job.request().getUserId().toString(), job.reservation().getDay());
        }
    }
}
