package dev.sluice.admission.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;

class SeenKeysTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration LIFE = Duration.ofDays(1);

    private final SeenKeys keys = new SeenKeys(LIFE);

    @Test
    void addedKeysAreFoundAndFewOthers() {
        add(0, 850_000, NOON);

        for (int i = 0; i < 850_000; i++) {
            assertThat(keys.mayHave(key(i))).isTrue();
        }
        assertThat(mistakes(1_000_000, 1_100_000)).isLessThan(2_000);
    }

    @Test
    void keysThatHaveLeftTheStoreAreDropped() {
        add(0, 850_000, NOON);
        add(850_000, 850_001, NOON.plus(Duration.ofHours(1)));
        assertThat(keys.mayHave(key(7))).isTrue();

        Instant later = NOON.plus(LIFE).plusSeconds(1);
        add(850_001, 1_700_001, later);

        assertThat(mistakes(0, 850_000)).isLessThan(20_000);
        assertThat(keys.mayHave(key(850_000))).isTrue();
        assertThat(keys.mayHave(key(1_700_000))).isTrue();
    }

    private void add(int from, int to, Instant now) {
        for (int i = from; i < to; i++) {
            keys.add(key(i), now);
        }
    }

    private int mistakes(int from, int to) {
        int mistakes = 0;
        for (int i = from; i < to; i++) {
            mistakes += keys.mayHave(key(i)) ? 1 : 0;
        }
        return mistakes;
    }

    private static Bytes key(int number) {
        return StoreKeys.ofUser(
                StoreKeys.REQUEST, "user-" + number % 1_000, StoreKeys.utf8("request-" + number));
    }
}
