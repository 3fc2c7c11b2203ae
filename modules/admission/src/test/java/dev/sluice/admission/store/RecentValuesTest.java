package dev.sluice.admission.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.utils.Bytes;

class RecentValuesTest {
    @Property(tries = 300)
    void getReturnsTheLastValueOrNothing(@ForAll long seed) {
        Random random = new Random(seed);
        // A small buffer and few slots, so most values are overwritten.
        RecentValues recent = new RecentValues(2_000, 16, 300);
        Map<Bytes, byte[]> expected = new HashMap<>();
        int known = 0;
        for (int step = 0; step < 1_000; step++) {
            Bytes key = key(random.nextInt(40));
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    byte[] value = new byte[random.nextInt(400)];
                    random.nextBytes(value);
                    recent.put(key, value);
                    expected.put(key, value);
                    if (value.length <= 300) {
                        assertThat(recent.get(key)).isEqualTo(value);
                    } else {
                        assertThat(recent.get(key)).isNull();
                    }
                }
                case 2 -> {
                    recent.remove(key);
                    expected.remove(key);
                    assertThat(recent.get(key)).isNull();
                }
                default -> {
                    byte[] value = recent.get(key);
                    if (value != null) {
                        assertThat(value).isEqualTo(expected.get(key));
                        known++;
                    }
                }
            }
        }
        assertThat(known).isPositive();
    }

    @Example
    void valueIsKeptUntilItIsOverwritten() {
        // 21 bytes each: four fit, the fifth overwrites the first.
        RecentValues recent = new RecentValues(100, 1 << 10, 100);
        for (int i = 0; i < 4; i++) {
            recent.put(key(i), new byte[] {(byte) i, 0, 0, 0, 0, 0, 0});
        }
        assertThat(recent.get(key(0))).startsWith(0);

        recent.put(key(4), new byte[7]);

        assertThat(recent.get(key(0))).isNull();
        assertThat(recent.get(key(1))).startsWith(1);
    }

    private static Bytes key(int number) {
        return Bytes.wrap(String.format("%06d", number).getBytes(StandardCharsets.US_ASCII));
    }
}
