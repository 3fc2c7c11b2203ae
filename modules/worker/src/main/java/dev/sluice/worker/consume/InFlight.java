package dev.sluice.worker.consume;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many jobs of each model are read and not yet published, and how large their records are. Safe
 * for use by many threads.
 */
public final class InFlight {
    private final int maxJobs;
    private final long maxBytes;
    private final Map<String, Load> byModel = new ConcurrentHashMap<>();

    private static final class Load {
        private final AtomicInteger jobs = new AtomicInteger();
        private final AtomicLong bytes = new AtomicLong();
    }

    /**
     * The partitions of a model are paused while it has reached one of these.
     *
     * @param maxJobs how many jobs
     * @param maxBytes how much their records hold together
     */
    public InFlight(int maxJobs, long maxBytes) {
        this.maxJobs = maxJobs;
        this.maxBytes = maxBytes;
    }

    void begin(String model, int bytes) {
        Load load = load(model);
        load.jobs.incrementAndGet();
        load.bytes.addAndGet(bytes);
    }

    /** A job is published, or nobody's any more. */
    public void end(String model, int bytes) {
        Load load = load(model);
        load.jobs.decrementAndGet();
        load.bytes.addAndGet(-bytes);
    }

    public int count(String model) {
        return load(model).jobs.get();
    }

    int total() {
        return byModel.values().stream().mapToInt(load -> load.jobs.get()).sum();
    }

    boolean isFull(String model) {
        Load load = load(model);
        return load.jobs.get() >= maxJobs || load.bytes.get() >= maxBytes;
    }

    private Load load(String model) {
        return byModel.computeIfAbsent(model, name -> new Load());
    }
}
