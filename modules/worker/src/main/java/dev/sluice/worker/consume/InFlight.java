package dev.sluice.worker.consume;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many jobs of each model are read and not yet published. Safe for use by many threads. */
public final class InFlight {
    private final int limit;
    private final Map<String, AtomicInteger> byModel = new ConcurrentHashMap<>();

    /**
     * @param limit jobs of one model above which its partitions are paused
     */
    public InFlight(int limit) {
        this.limit = limit;
    }

    void begin(String model) {
        counter(model).incrementAndGet();
    }

    public void end(String model) {
        counter(model).decrementAndGet();
    }

    public int count(String model) {
        return counter(model).get();
    }

    int total() {
        return byModel.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    boolean isFull(String model) {
        return count(model) >= limit;
    }

    private AtomicInteger counter(String model) {
        return byModel.computeIfAbsent(model, name -> new AtomicInteger());
    }
}
