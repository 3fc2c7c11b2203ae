package dev.sluice.admission.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteBufferTest {
    private static final int KEYS = 40;
    private static final TopicPartition CHANGELOG = new TopicPartition("changelog", 0);

    private final CountingStore beneath = new CountingStore();
    private final KeyValueStore<Bytes, byte[]> buffer = WriteBuffer.before(of(beneath)).get();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void lastValueIsReadAndIsInTheStoreAfterACommit(long seed) {
        Random random = new Random(seed);
        NavigableMap<Bytes, byte[]> expected = new TreeMap<>();
        for (int step = 0; step < 2_000; step++) {
            Bytes key = key(random.nextInt(KEYS));
            byte[] value = {(byte) step, (byte) (step >> 8)};
            switch (random.nextInt(8)) {
                case 0 -> {
                    buffer.put(key, value);
                    expected.put(key, value);
                }
                case 1 -> {
                    Bytes other = key(random.nextInt(KEYS));
                    buffer.putAll(List.of(KeyValue.pair(other, value), KeyValue.pair(key, null)));
                    expected.put(other, value);
                    expected.remove(key);
                }
                case 2 -> assertThat(buffer.delete(key)).isEqualTo(expected.remove(key));
                case 3 ->
                        assertThat(buffer.putIfAbsent(key, value))
                                .isEqualTo(expected.putIfAbsent(key, value));
                case 4 -> {
                    Bytes to = key(random.nextInt(KEYS));
                    if (key.compareTo(to) <= 0) {
                        assertThat(entries(buffer.range(key, to)))
                                .containsExactlyEntriesOf(expected.subMap(key, true, to, true));
                    }
                }
                case 5 -> buffer.commit(Map.of(CHANGELOG, (long) step));
                default -> assertThat(buffer.get(key)).isEqualTo(expected.get(key));
            }
        }
        buffer.commit(Map.of(CHANGELOG, 2_000L));

        assertThat(entries(beneath.all())).containsExactlyEntriesOf(expected);
    }

    @Test
    void entryThatChangesOftenIsWrittenOnce() {
        for (int i = 0; i < 100; i++) {
            buffer.put(key(1), new byte[] {(byte) i});
            assertThat(buffer.get(key(1))).isEqualTo(new byte[] {(byte) i});
        }
        buffer.commit(Map.of());

        assertThat(beneath.writes()).isEqualTo(1);
        assertThat(beneath.reads()).isZero();
    }

    @Test
    void scanOfAnotherKindWritesNothing() {
        buffer.put(Bytes.wrap(new byte[] {'a', 1}), new byte[] {1});

        assertThat(entries(buffer.range(StoreKeys.from((byte) 'c'), StoreKeys.to((byte) 'c'))))
                .isEmpty();
        assertThat(beneath.writes()).isZero();

        assertThat(entries(buffer.range(StoreKeys.from((byte) 'a'), StoreKeys.to((byte) 'a'))))
                .hasSize(1);
    }

    @Test
    void changesOfAFailedTaskAreNotLeftToTheNext() {
        buffer.put(key(1), new byte[] {1});
        buffer.close();

        assertThat(buffer.get(key(1))).isNull();
        buffer.commit(Map.of());
        assertThat(beneath.writes()).isZero();
    }

    @Test
    void openScanDoesNotSeeLaterChanges(@TempDir Path folder) {
        KeyValueStore<Bytes, byte[]> store = opened(folder);
        store.put(key(1), new byte[] {1});
        try (KeyValueIterator<Bytes, byte[]> scan = store.all()) {
            store.put(key(1), new byte[] {2});
            store.put(key(2), new byte[] {2});
            store.commit(Map.of(CHANGELOG, 3L));

            assertThat(scan.next().value).isEqualTo(new byte[] {1});
            assertThat(scan.hasNext()).isFalse();
        }
        assertThat(store.get(key(1))).isEqualTo(new byte[] {2});
        store.close();
    }

    @Test
    void bufferIsBounded() {
        for (int i = 0; i < 25_000; i++) {
            buffer.put(key(i), new byte[] {1});
        }
        assertThat(beneath.approximateNumEntries()).isBetween(23_000L, 25_000L);

        for (int i = 0; i < 100; i++) {
            buffer.put(key(i), new byte[1 << 20]);
        }
        assertThat(beneath.get(key(90))).hasSize(1 << 20);
    }

    @Test
    void committedEntriesAreThereAfterTheStoreIsOpenedAgain(@TempDir Path folder) {
        KeyValueStore<Bytes, byte[]> first = opened(folder);
        first.put(key(1), new byte[] {1});
        first.put(key(2), new byte[] {2});
        first.delete(key(1));
        first.commit(Map.of(CHANGELOG, 3L));
        first.close();

        KeyValueStore<Bytes, byte[]> second = opened(folder);

        assertThat(second.get(key(1))).isNull();
        assertThat(second.get(key(2))).isEqualTo(new byte[] {2});
        assertThat(second.committedOffset(CHANGELOG)).isEqualTo(3L);
        second.close();
    }

    /** What is not committed may be there or not: Kafka Streams restores it in any case. */
    @Test
    void offsetsNeverCoverWhatIsNotInTheStore(@TempDir Path folder) {
        KeyValueStore<Bytes, byte[]> first = opened(folder);
        first.put(key(1), new byte[] {1});
        first.commit(Map.of(CHANGELOG, 1L));
        first.put(key(2), new byte[] {2});
        first.close();

        KeyValueStore<Bytes, byte[]> second = opened(folder);

        assertThat(second.committedOffset(CHANGELOG)).isEqualTo(1L);
        assertThat(second.get(key(1))).isEqualTo(new byte[] {1});
        second.close();
    }

    private static KeyValueStore<Bytes, byte[]> opened(Path folder) {
        KeyValueStore<Bytes, byte[]> store =
                WriteBuffer.before(Stores.persistentKeyValueStore("entries")).get();
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        File state = folder.toFile();
        store.init(
                new MockProcessorContext<>(settings, new TaskId(0, 0), state)
                        .getStateStoreContext(),
                store);
        return store;
    }

    private static KeyValueBytesStoreSupplier of(KeyValueStore<Bytes, byte[]> store) {
        return new KeyValueBytesStoreSupplier() {
            @Override
            public String name() {
                return store.name();
            }

            @Override
            public KeyValueStore<Bytes, byte[]> get() {
                return store;
            }

            @Override
            public String metricsScope() {
                return "test";
            }
        };
    }

    private static Bytes key(int number) {
        return Bytes.wrap(
                ((char) ('a' + number % 5) + String.format("%06d", number))
                        .getBytes(StandardCharsets.US_ASCII));
    }

    private static Map<Bytes, byte[]> entries(KeyValueIterator<Bytes, byte[]> found) {
        Map<Bytes, byte[]> entries = new LinkedHashMap<>();
        try (found) {
            found.forEachRemaining(entry -> entries.put(entry.key, entry.value));
        }
        return entries;
    }
}
