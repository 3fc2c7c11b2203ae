package dev.sluice.admission.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.store.StateEntries;
import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.streams.state.Stores;

/**
 * The ledger's invariants. L1: bookings never exceed the limit at the time of the reservation. L2:
 * each reservation is settled once. L3: a day's book is the sum of its settlements and open
 * reservations. L4: a request is denied only if the money not yet consumed does not cover one call.
 */
class LedgerTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 27);
    private static final Cost LIMIT = usd("5");
    private static final CostEstimate NEED = new CostEstimate(usd("0.4"), usd("1.5"));

    private LocalDate today = DAY;
    private final StateEntries store = fresh();
    private final Ledger ledger = ledger(Map.of());
    private final List<String> forgotten = new ArrayList<>();

    @Example
    void reservationIsReplacedByTheCost() {
        ledger.reserve(request("ann", "r1"), DAY, "r1", usd("1.5"), "seo");
        assertThat(ledger.account("ann").on(DAY).reserved()).isEqualTo(usd("1.5"));

        assertThat(settle(ledger, "r1", "0.3", "0.1")).contains(usd("1.5"));

        DayBook book = ledger.account("ann").on(DAY);
        assertThat(book).isEqualTo(new DayBook(DAY, usd("0.3"), usd("0.1"), Cost.ZERO, Cost.ZERO));
    }

    @Example
    void settlingTwiceBooksOnce() {
        ledger.reserve(request("ann", "r1"), DAY, "r1", usd("1.5"), "seo");
        assertThat(settle(ledger, "r1", "0.3", "0")).isPresent();

        assertThat(settle(ledger, "r1", "0.3", "0")).isEmpty();

        assertThat(ledger.account("ann").on(DAY).spent()).isEqualTo(usd("0.3"));
    }

    @Example
    void capIsTheWholeJobIfMuchIsFree() {
        Ledger plenty = ledger(Map.of("ann", usd("100")));

        assertThat(plenty.ask("ann", DAY, NEED)).isEqualTo(new BudgetDecision.Granted(usd("1.5")));
    }

    @Example
    void capIsAQuarterOfTheFreeMoney() {
        ledger.reserve(request("ann", "r1"), DAY, "r1", usd("2.6"), "seo");

        assertThat(ledger.ask("ann", DAY, NEED)).isEqualTo(new BudgetDecision.Granted(usd("0.6")));
    }

    @Example
    void capIsAtLeastOneCall() {
        ledger.reserve(request("ann", "r1"), DAY, "r1", usd("4.6"), "seo");

        assertThat(ledger.ask("ann", DAY, NEED)).isEqualTo(new BudgetDecision.Granted(usd("0.4")));
    }

    @Example
    void moneyHeldByReservationsDoesNotExhaustTheBudget() {
        ledger.reserve(request("ann", "r1"), DAY, "r1", usd("4.7"), "seo");

        assertThat(ledger.ask("ann", DAY, NEED)).isEqualTo(new BudgetDecision.HeldByReservations());
    }

    @Example
    void spentBudgetIsExhausted() {
        ledger.reserve(request("ann", "r1"), DAY, "r1", usd("4.7"), "seo");
        assertThat(settle(ledger, "r1", "4.5", "0.2")).isPresent();

        assertThat(ledger.ask("ann", DAY, NEED))
                .isEqualTo(new BudgetDecision.Exhausted(usd("0.3")));
        assertThat(ledger.ask("ann", DAY.plusDays(1), NEED))
                .isInstanceOf(BudgetDecision.Granted.class);
        assertThat(ledger.ask("bob", DAY, NEED)).isInstanceOf(BudgetDecision.Granted.class);
    }

    @Example
    void configuredBudgetOfAUserApplies() {
        Ledger own = ledger(Map.of("ann", usd("0.1")));

        assertThat(own.ask("ann", DAY, NEED)).isEqualTo(new BudgetDecision.Exhausted(usd("0.1")));
    }

    @Example
    void settlementIsBookedOnTheDayOfItsReservation() {
        ledger.reserve(request("ann", "r1"), DAY, "r1", usd("1"), "seo");
        ledger.reserve(request("ann", "r2"), DAY.plusDays(1), "r2", usd("1"), "seo");

        assertThat(settle(ledger, "r1", "0.6", "0")).isPresent();

        assertThat(ledger.account("ann").on(DAY).spent()).isEqualTo(usd("0.6"));
        assertThat(ledger.account("ann").on(DAY.plusDays(1)).spent()).isEqualTo(Cost.ZERO);
    }

    @Example
    void closedDaysAreDeleted() {
        ledger.book(ledger.late("ann", DAY, usd("1"), Cost.ZERO));
        ledger.reserve(request("ann", "r1"), DAY.plusDays(1), "r1", usd("1"), "seo");
        ledger.flush();
        today = DAY.plusDays(30);
        ledger.book(ledger.late("ann", DAY.plusDays(30), usd("1"), Cost.ZERO));

        ledger.forget(100, this::forgotten);

        assertThat(ledger.account("ann").days())
                .extracting(DayBook::day)
                .containsExactly(DAY.plusDays(1), DAY.plusDays(30));
        assertThat(forgotten).containsExactly("ann " + DAY);
    }

    @Example
    void ownLimitsOverrideConfiguredOnesAndAdditionsApplyToTheirDay() {
        ledger.change("ann", new OwnLimits(Optional.of(usd("2")), Optional.of(7)));
        ledger.add("ann", DAY, usd("0.5"));
        ledger.add("ann", DAY, usd("0.5"));

        assertThat(ledger.daily("ann")).isEqualTo(usd("2"));
        assertThat(ledger.limit("ann", DAY)).isEqualTo(usd("3"));
        assertThat(ledger.limit("ann", DAY.plusDays(1))).isEqualTo(usd("2"));
        assertThat(ledger.perHour("ann")).isEqualTo(7);
        assertThat(ledger.perHour("bob")).isEqualTo(9);

        ledger.change("ann", OwnLimits.NONE);
        assertThat(ledger.limit("ann", DAY)).isEqualTo(LIMIT.plus(usd("1")));
    }

    @Example
    void unusedAccountsAreDeleted() {
        ledger.book(ledger.late("ann", DAY, usd("1"), Cost.ZERO));
        ledger.reserve(request("bob", "r1"), DAY, "r1", usd("1"), "seo");
        ledger.flush();
        today = DAY.plusDays(7);
        forgetForAMinute();
        assertThat(ledger.account("ann").days()).isNotEmpty();

        today = DAY.plusDays(9);
        forgetForAMinute();

        assertThat(ledger.account("ann").days()).isEmpty();
        assertThat(ledger.account("bob").days()).isNotEmpty();
    }

    /** Ten ticks a second; between two rounds there is a rest. */
    private void forgetForAMinute() {
        for (int tick = 0; tick <= 600; tick++) {
            ledger.forget(100, this::forgotten);
        }
    }

    @Example
    void accountSurvivesFlushAndReopening() {
        ledger.arrived("ann");
        ledger.reserve(request("ann", "r1"), DAY, "r1", usd("1.5"), "seo");
        long _ = ledger.join("ann");
        ledger.change("ann", new OwnLimits(Optional.of(usd("2")), Optional.of(7)));
        ledger.add("ann", DAY, usd("0.5"));
        Account before = ledger.account("ann");

        ledger.flush();

        assertThat(ledger(Map.of()).account("ann")).isEqualTo(before);
        assertThat(before.underWay()).isEqualTo(1);
        assertThat(before.waiting()).isEqualTo(1);
        assertThat(before.arrivals().minutes()).hasSize(1);
    }

    @Property(tries = 300)
    void booksAddUpAndStayWithinTheLimit(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 400) int steps) {
        Random random = new Random(seed);
        Ledger books = ledger(fresh(), Map.of());
        Map<LocalDate, Cost> consumed = new HashMap<>();
        List<Open> open = new ArrayList<>();
        LocalDate day = DAY;
        today = day;
        for (int step = 0; step < steps; step++) {
            switch (random.nextInt(20)) {
                case 0 -> {
                    day = day.plusDays(1);
                    today = day;
                }
                case 1, 2, 3, 4, 5, 6, 7, 8 -> {
                    Cost one = cents(1 + random.nextInt(60));
                    CostEstimate need = new CostEstimate(one, one.plus(cents(random.nextInt(200))));
                    DayBook before = books.account("ann").on(day);
                    switch (books.ask("ann", day, need)) {
                        case BudgetDecision.Granted(var cap) -> {
                            assertThat(cap).isBetween(need.oneCall(), need.whole());
                            books.reserve(request("ann", "r" + step), day, "r" + step, cap, "seo");
                            open.add(new Open("r" + step, day, cap));
                            assertThat(books.account("ann").on(day).booked())
                                    .as("L1")
                                    .isLessThanOrEqualTo(LIMIT);
                        }
                        case BudgetDecision.HeldByReservations() ->
                                assertThat(before.consumed().plus(one))
                                        .as("L4")
                                        .isLessThanOrEqualTo(LIMIT);
                        case BudgetDecision.Exhausted(var left) -> {
                            assertThat(left).as("L4").isLessThan(one);
                            assertThat(before.consumed().plus(one)).as("L4").isGreaterThan(LIMIT);
                        }
                    }
                }
                default -> {
                    if (!open.isEmpty()) {
                        Open settled = open.remove(random.nextInt(open.size()));
                        Cost spent = part(settled.cap(), random);
                        Cost lost = part(settled.cap().minus(spent), random);
                        books.book(
                                books.settlement(
                                                request("ann", settled.id()),
                                                settled.id(),
                                                spent,
                                                lost)
                                        .orElseThrow());
                        assertThat(
                                        books.settlement(
                                                request("ann", settled.id()),
                                                settled.id(),
                                                spent,
                                                lost))
                                .as("L2")
                                .isEmpty();
                        consumed.merge(settled.day(), spent.plus(lost), Cost::plus);
                    }
                }
            }
        }
        for (LocalDate one = day.minusDays(7); !one.isAfter(day); one = one.plusDays(1)) {
            LocalDate which = one;
            DayBook book = books.account("ann").on(which);
            assertThat(book.consumed()).as("L3").isEqualTo(consumed.getOrDefault(which, Cost.ZERO));
            assertThat(book.reserved())
                    .as("L3")
                    .isEqualTo(
                            open.stream()
                                    .filter(reservation -> reservation.day().equals(which))
                                    .map(Open::cap)
                                    .reduce(Cost.ZERO, Cost::plus));
        }
    }

    /** Books a settlement, and returns the reserved amount. */
    private static Optional<Cost> settle(
            Ledger ledger, String reservation, String spent, String unconfirmed) {
        Optional<Ledger.Settled> settled =
                ledger.settlement(
                        request("ann", reservation), reservation, usd(spent), usd(unconfirmed));
        settled.ifPresent(ledger::book);
        return settled.map(Ledger.Settled::reserved);
    }

    private void forgotten(String user, LocalDate day) {
        forgotten.add(user + " " + day);
    }

    private record Open(String id, LocalDate day, Cost cap) {}

    private Ledger ledger(Map<String, Cost> ofUsers) {
        return ledger(store, ofUsers);
    }

    private Ledger ledger(StateEntries entries, Map<String, Cost> ofUsers) {
        return new Ledger(
                new Accounts(entries),
                new Requests(entries, clock().instant()),
                budgets(ofUsers),
                Rates.ofEach(9),
                clock());
    }

    /** The request of the reservation with the same id. */
    private static RequestKey request(String user, String id) {
        return new RequestKey(user, id, 0);
    }

    private InstantSource clock() {
        return () -> today.atTime(LocalTime.NOON).toInstant(ZoneOffset.UTC);
    }

    private static Budgets budgets(Map<String, Cost> ofUsers) {
        return new Budgets(LIMIT, ofUsers, ZoneOffset.UTC);
    }

    private static StateEntries fresh() {
        return new StateEntries(Stores.inMemoryKeyValueStore("ledger").get());
    }

    private static Cost part(Cost whole, Random random) {
        return new Cost(whole.usd().multiply(BigDecimal.valueOf(random.nextInt(101), 2)));
    }

    private static Cost cents(long cents) {
        return new Cost(BigDecimal.valueOf(cents, 2));
    }

    private static Cost usd(String usd) {
        return new Cost(new BigDecimal(usd));
    }
}
