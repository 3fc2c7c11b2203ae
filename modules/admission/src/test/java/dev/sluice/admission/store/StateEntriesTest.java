package dev.sluice.admission.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

class StateEntriesTest {
    private static final int KEYS = 40;

    @Property(tries = 300)
    void lastValueIsReadAndIsStoredOnceWritten(@ForAll long seed) {
        Random random = new Random(seed);
        KeyValueStore<Bytes, byte[]> store = Stores.inMemoryKeyValueStore("entries").get();
        StateEntries entries = new StateEntries(store);
        NavigableMap<Bytes, byte[]> expected = new TreeMap<>();
        for (int step = 0; step < 500; step++) {
            Bytes key = key(random.nextInt(KEYS));
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    // Some are too large for the cache.
                    byte[] value = new byte[random.nextInt(1_000)];
                    random.nextBytes(value);
                    entries.put(key, value);
                    expected.put(key, value);
                }
                case 3 -> {
                    entries.remove(key);
                    expected.remove(key);
                }
                case 4 -> entries.write();
                case 5 -> {
                    Bytes to = key(random.nextInt(KEYS));
                    if (key.compareTo(to) <= 0) {
                        assertThat(keys(entries.range(key, to)))
                                .containsExactlyElementsOf(
                                        expected.subMap(key, true, to, true).keySet());
                    }
                }
                default -> assertThat(entries.get(key)).isEqualTo(expected.get(key));
            }
        }
        entries.write();

        assertThat(keys(store.all())).containsExactlyElementsOf(expected.keySet());
        expected.forEach((key, value) -> assertThat(store.get(key)).isEqualTo(value));
    }

    @Example
    void largeBatchesAreWrittenEarly() {
        KeyValueStore<Bytes, byte[]> store = Stores.inMemoryKeyValueStore("entries").get();
        StateEntries entries = new StateEntries(store);

        for (int i = 0; i < 50_000; i++) {
            entries.put(key(i), new byte[] {1});
        }

        assertThat(store.approximateNumEntries()).isBetween(49_000L, 50_000L);
        assertThat(entries.get(key(0))).isEqualTo(new byte[] {1});
    }

    @Example
    void recentSmallValuesAreNotReadFromTheStore() {
        KeyValueStore<Bytes, byte[]> store = Stores.inMemoryKeyValueStore("entries").get();
        StateEntries entries = new StateEntries(store);
        entries.put(key(1), new byte[] {1});
        entries.put(key(2), new byte[1_000]);
        entries.write();
        store.delete(key(1));
        store.delete(key(2));

        assertThat(entries.get(key(1))).isEqualTo(new byte[] {1});
        assertThat(entries.get(key(2))).isNull();
    }

    private static Bytes key(int number) {
        return Bytes.wrap(String.format("%06d", number).getBytes(StandardCharsets.US_ASCII));
    }

    private static List<Bytes> keys(KeyValueIterator<Bytes, byte[]> found) {
        List<Bytes> keys = new ArrayList<>();
        try (found) {
            for (KeyValue<Bytes, byte[]> entry : (Iterable<KeyValue<Bytes, byte[]>>) () -> found) {
                keys.add(entry.key);
            }
        }
        return keys;
    }
}
