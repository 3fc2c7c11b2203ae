package dev.sluice.admission.ceiling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.ledger.Need;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

class TotalsTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 23);
    private static final Cost CEILING = usd("10");
    private static final Cost ONE_CALL = usd("0.05");
    private static final Need NEED = new Need(ONE_CALL, usd("0.3"));

    @Property(tries = 200)
    void tasksTogetherPassACeilingByOneCallOfEachOtherAtMostAndUseAllOfIt(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int tasks) {
        Random random = new Random(seed);
        KeyValueStore<Bytes, byte[]> told = store();
        List<Runnable> onTheirWay = new ArrayList<>();
        List<Totals> all =
                IntStream.range(0, tasks)
                        .mapToObj(task ->
                                new Totals(
                                        store(),
                                        told,
                                        new Ceilings(Optional.of(CEILING), Map.of()),
                                        task,
                                        tasks))
                        .toList();
        Cost booked = Cost.ZERO;
        Cost most = CEILING.plus(new Cost(ONE_CALL.usd().multiply(new BigDecimal(tasks - 1))));
        for (int exchange = 0; exchange < 400; exchange++) {
            for (Totals task : all) {
                for (int i = random.nextInt(60); i > 0; i--) {
                    if (task.fit("seo", DAY, NEED, usd("0.3")) instanceof Fit.Fits(var cap)) {
                        task.reserve("seo", DAY, cap);
                        booked = booked.plus(cap);
                    }
                }
                assertThat(booked).isLessThanOrEqualTo(most);
            }
            // Told at the last exchange, heard at this one.
            onTheirWay.forEach(Runnable::run);
            onTheirWay.clear();
            for (Totals task : all) {
                task.exchange(
                        DAY,
                        (key, value) -> onTheirWay.add(() -> told.put(Bytes.wrap(key), value)));
            }
        }
        assertThat(booked).isGreaterThan(CEILING.minus(ONE_CALL));
    }

    private static KeyValueStore<Bytes, byte[]> store() {
        return Stores.inMemoryKeyValueStore("totals").get();
    }

    private static Cost usd(String usd) {
        return new Cost(new BigDecimal(usd));
    }
}
