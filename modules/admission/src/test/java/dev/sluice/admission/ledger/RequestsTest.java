package dev.sluice.admission.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.store.CountingStore;
import dev.sluice.admission.store.StateEntries;
import dev.sluice.analysis.price.Cost;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 23);

    /** Requests per second, 1/1000 of 5,000; sweeps visit fewer entries at the same ratio. */
    private static final int A_SECOND = 5;

    private static final int SWEPT = 2;

    private final CountingStore store = new CountingStore();
    private final StateEntries entries = new StateEntries(store);
    private Requests requests = new Requests(entries, NOON);

    @Test
    void at5000PerSecondEntriesLastADayAndLiveOnesAreKept() {
        List<RequestKey> lasting = new ArrayList<>();
        Instant now = NOON;
        long most = 0;
        for (int second = 0; second < 60 * 3_600; second++) {
            now = now.plusSeconds(1);
            for (int i = 0; i < A_SECOND; i++) {
                RequestKey request = id(second + "-" + i);
                requests.add(request, now);
                if (second < 36_000 && second % 600 == 0) {
                    lasting.add(request);
                    if (i % 2 == 0) {
                        requests.await(request, i, now);
                    } else {
                        requests.open(request, "j", TODAY, Cost.ZERO, "seo", now);
                    }
                }
            }
            if (second % 60 == 0) {
                requests.forget(now, 60 * SWEPT);
                entries.write();
            }
            if (second % 3_600 == 0) {
                most = Math.max(most, store.approximateNumEntries());
            }
        }

        Instant end = now;
        assertThat(lasting).hasSize(300);
        assertThat(lasting.stream().filter(one -> !requests.contains(one, end)))
                .as("deleted although it waits or has a running job")
                .isEmpty();
        assertThat(requests.contains(id((60 - 23) * 3_600 + "-0"), end)).isTrue();
        assertThat(requests.contains(id((60 - 25) * 3_600 + "-0"), end)).isFalse();
        System.out.printf("at most %d entries, %d an hour%n", most, 3_600 * A_SECOND);
        assertThat(most).as("entries").isLessThan(26 * 3_600 * A_SECOND);
    }

    @Test
    void startReadsFewEntries() {
        Instant now = NOON;
        for (int minute = 0; minute < 24 * 60; minute++) {
            now = now.plusSeconds(60);
            for (int i = 0; i < 200; i++) {
                requests.add(id(minute + "-" + i), now);
            }
        }
        entries.write();
        store.reset();

        requests = new Requests(new StateEntries(store), now);

        System.out.printf(
                "a start reads %d entries and %d bytes, of %d requests%n",
                store.scannedEntries(), store.bytesRead(), 24 * 60 * 200);
        assertThat(store.scannedEntries()).isLessThan(2 * 60 * 200);
        assertThat(requests.contains(id("0-7"), now)).isTrue();
        assertThat(requests.contains(id("720-7"), now)).isTrue();
        assertThat(requests.contains(id("1439-199"), now)).isTrue();
        assertThat(requests.contains(id("1440-0"), now)).isFalse();
    }

    private static RequestKey id(String requestId) {
        return new RequestKey("user", requestId, 0);
    }
}
