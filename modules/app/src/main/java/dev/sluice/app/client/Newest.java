package dev.sluice.app.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.PriorityQueue;

/** The newest ones of many, of which only so many are kept. */
public final class Newest<T> {
    private final int limit;
    private final Comparator<T> byTime;

    /** The oldest of them leaves first. */
    private final PriorityQueue<T> kept;

    private long all;

    /**
     * @param limit how many are kept, at least 1
     */
    public Newest(int limit, Comparator<T> byTime) {
        this.limit = limit;
        this.byTime = byTime;
        this.kept = new PriorityQueue<>(byTime);
    }

    public void add(T one) {
        all++;
        kept.add(one);
        if (kept.size() > limit) {
            kept.remove();
        }
    }

    /** How many there were. */
    public long all() {
        return all;
    }

    /** Those that are kept, the newest first. */
    public List<T> sorted() {
        List<T> sorted = new ArrayList<>(kept);
        sorted.sort(byTime.reversed());
        return sorted;
    }

    /** Says that there are more than are kept; empty if there are not. */
    public Optional<String> remark() {
        return all > kept.size()
                ? Optional.of(
                        String.format(
                                Locale.ROOT, "%nThese are the newest %d of %,d.", kept.size(), all))
                : Optional.empty();
    }
}
