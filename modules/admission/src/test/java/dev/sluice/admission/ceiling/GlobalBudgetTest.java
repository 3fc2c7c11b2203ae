package dev.sluice.admission.ceiling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.ledger.CostEstimate;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.store.StateEntries;
import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

class GlobalBudgetTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 23);
    private static final Cost CEILING = usd("10");
    private static final Cost ONE_CALL = usd("0.05");
    private static final Cost WHOLE = usd("0.3");
    private static final CostEstimate NEED = new CostEstimate(ONE_CALL, WHOLE);
    private static final Ceilings CEILINGS = new Ceilings(Optional.of(CEILING), Map.of());

    private final KeyValueStore<Bytes, byte[]> published = store();
    private final List<Runnable> unpublished = new ArrayList<>();

    /** A task with a store that survives restarts. */
    private final class Task {
        private final StateEntries store = new StateEntries(store());
        private final List<Cost> open = new ArrayList<>();
        private final int number;
        private final int tasks;
        private GlobalBudget globalBudget;
        private Cost consumed = Cost.ZERO;

        Task(int number, int tasks) {
            this.number = number;
            this.tasks = tasks;
            this.globalBudget =
                    new GlobalBudget(store, Optional.of(published), CEILINGS, number, tasks);
        }

        void restart() {
            globalBudget = new GlobalBudget(store, Optional.of(published), CEILINGS, number, tasks);
        }

        void ask() {
            if (globalBudget.fit("seo", DAY, NEED, WHOLE)
                    instanceof CeilingDecision.Fits(var cap)) {
                globalBudget.reserve("seo", DAY, cap);
                open.add(cap);
            }
        }

        void settle(Random random) {
            if (!open.isEmpty()) {
                Cost cap = open.remove(random.nextInt(open.size()));
                Cost cost =
                        new Cost(cap.usd().multiply(BigDecimal.valueOf(random.nextInt(101), 2)));
                globalBudget.settle("seo", DAY, cap, cost);
                consumed = consumed.plus(cost);
            }
        }

        void exchange() {
            globalBudget.exchange(
                    DAY,
                    (key, value) -> unpublished.add(() -> published.put(Bytes.wrap(key), value)));
        }

        Cost booked() {
            return open.stream().reduce(consumed, Cost::plus);
        }
    }

    @Property(tries = 300)
    void tasksExceedACeilingByAtMostOneCallOfEachOtherAndUseItUp(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int tasks) {
        Random random = new Random(seed);
        List<Task> all = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            all.add(new Task(i, tasks));
        }
        Cost most = CEILING.plus(new Cost(ONE_CALL.usd().multiply(new BigDecimal(tasks - 1))));
        for (int exchange = 0; exchange < 300; exchange++) {
            boolean busy = exchange < 200;
            for (Task task : all) {
                if (busy && random.nextInt(10) == 0) {
                    task.restart();
                }
                for (int i = random.nextInt(40); i > 0; i--) {
                    if (busy && random.nextInt(3) == 0) {
                        task.settle(random);
                    } else {
                        task.ask();
                    }
                    assertThat(booked(all)).isLessThanOrEqualTo(most);
                }
            }
            // Published at the last exchange, read at this one.
            unpublished.forEach(Runnable::run);
            unpublished.clear();
            all.forEach(Task::exchange);
        }
        assertThat(booked(all)).isGreaterThan(CEILING.minus(ONE_CALL));
        unpublished.clear();
        published.all().forEachRemaining(entry -> published.delete(entry.key));
    }

    private static Cost booked(List<Task> all) {
        return all.stream().map(Task::booked).reduce(Cost.ZERO, Cost::plus);
    }

    private static KeyValueStore<Bytes, byte[]> store() {
        return Stores.inMemoryKeyValueStore("totals").get();
    }

    private static Cost usd(String usd) {
        return new Cost(new BigDecimal(usd));
    }
}
