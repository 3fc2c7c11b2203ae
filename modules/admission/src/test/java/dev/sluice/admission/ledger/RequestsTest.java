package dev.sluice.admission.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.store.Entries;
import dev.sluice.admission.store.KnownKeys;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class RequestsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    /** So many fill a generation of the known keys. */
    private static final int MANY = 1_000;

    private final Entries entries = new Entries(Stores.inMemoryKeyValueStore("entries").get());
    private final Requests requests =
            new Requests(entries, new KnownKeys(Duration.ofHours(26), MANY), NOON);

    @Test
    void oneThatWaitsIsKnownWhenThoseThatCameWithItAreForgotten() {
        requests.await(id("waits"), 1, NOON);
        addMany("first", NOON);

        requests.forget(NOON.plus(Duration.ofHours(25)), MANY + 1);
        Instant later = NOON.plus(Duration.ofHours(27));
        addMany("second", later);

        assertThat(requests.contains(id("first7"), later)).isFalse();
        assertThat(requests.contains(id("second7"), later)).isTrue();
        assertThat(requests.contains(id("waits"), later)).isTrue();
    }

    private void addMany(String name, Instant now) {
        for (int i = 0; i < MANY; i++) {
            requests.add(id(name + i), now);
        }
    }

    private static Identity id(String requestId) {
        return new Identity("user", requestId, 0);
    }
}
