package dev.sluice.analysis.concurrent;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Values that are computed once, at their first use; others wait meanwhile. To use instead of
 * {@link ConcurrentHashMap#computeIfAbsent}, which lets virtual threads wait for a monitor.
 */
public final class Memo<K, V> {
    private final Map<K, V> values = new ConcurrentHashMap<>();
    private final Mutex mutex = new Mutex();

    /** The value of a key, computed if it is not known yet. */
    public V get(K key, Function<? super K, ? extends V> compute) {
        V known = values.get(key);
        if (known != null) {
            return known;
        }
        try (var _ = mutex.hold()) {
            return values.computeIfAbsent(key, compute);
        }
    }
}
