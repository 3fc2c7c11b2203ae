package dev.sluice.admission.store;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A map of bounded size that evicts the least recently used entry. Not safe for use by several
 * threads.
 */
public final class RecentlyUsed<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;

    private final int most;

    /**
     * An empty map.
     *
     * @param most largest number of entries
     */
    public RecentlyUsed(int most) {
        super(16, 0.75f, true);
        this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
    }
}
