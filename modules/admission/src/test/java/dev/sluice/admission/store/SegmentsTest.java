package dev.sluice.admission.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.utils.Bytes;

class SegmentsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);

    private final CountingStore store = new CountingStore();
    private final StateEntries entries = new StateEntries(store);

    @Property(tries = 200)
    void entryIsFoundUntilItIsOldAndReturnedOnceAcrossRestarts(@ForAll long seed) {
        Random random = new Random(seed);
        StateEntries kept = new StateEntries(new CountingStore());
        Segments segments = new Segments(kept, StoreKeys.REQUEST, NOON);
        Map<String, Instant> expected = new HashMap<>();
        Instant now = NOON;
        for (int step = 0; step < 400; step++) {
            switch (random.nextInt(12)) {
                case 0 -> now = now.plus(Duration.ofMinutes(random.nextInt(180)));
                case 1 -> {
                    if (random.nextInt(5) == 0) {
                        kept.write();
                        segments = new Segments(kept, StoreKeys.REQUEST, now);
                    }
                }
                case 2 -> {
                    Set<String> shown = new HashSet<>();
                    for (Bytes place : segments.old(DAY, 1 + random.nextInt(20), now)) {
                        String key = new String(Segments.key(place), StandardCharsets.UTF_8);
                        assertThat(expected).containsKey(key);
                        assertThat(expected.get(key).plus(DAY)).isBeforeOrEqualTo(now);
                        assertThat(shown.add(key)).isTrue();
                        expected.remove(key);
                        kept.remove(place);
                    }
                }
                default -> {
                    String key = "k" + step;
                    kept.put(segments.add(bytes(key), now), new byte[] {1});
                    expected.put(key, now);
                }
            }
        }
        for (String key : expected.keySet()) {
            assertThat(segments.find(bytes(key))).isPresent();
        }
        assertThat(segments.find(bytes("never"))).isEmpty();
        kept.write();
        now = now.plus(DAY).plus(DAY);
        Set<String> left = new HashSet<>();
        for (Bytes place : segments.old(DAY, 1_000, now)) {
            left.add(new String(Segments.key(place), StandardCharsets.UTF_8));
        }
        assertThat(left).isEqualTo(expected.keySet());
    }

    @Example
    void unknownKeysAreRarelyReadFromTheStore() {
        Segments segments = new Segments(entries, StoreKeys.REQUEST, NOON);
        for (int i = 0; i < 1_000_000; i++) {
            entries.put(segments.add(number(i), NOON), new byte[] {1});
        }
        entries.write();
        store.reset();

        for (int i = 1_000_000; i < 1_100_000; i++) {
            assertThat(segments.find(number(i))).isEmpty();
        }
        assertThat(store.reads()).isLessThan(4_000);

        Segments again = new Segments(new StateEntries(store), StoreKeys.REQUEST, NOON);
        for (int i = 0; i < 1_000_000; i += 997) {
            assertThat(again.find(number(i))).isPresent();
        }
    }

    private static byte[] number(int number) {
        return ByteBuffer.allocate(9 + Integer.BYTES)
                .put(bytes("request-0"))
                .putInt(number)
                .array();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
