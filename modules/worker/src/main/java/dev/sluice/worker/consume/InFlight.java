package dev.sluice.worker.consume;

import dev.sluice.contract.Lane;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many jobs of each model are read and not yet published, and how large their records are. A
 * tenth of the room is kept for either lane: so somebody who waits for an answer always finds some,
 * however much bulk is under way, and bulk goes on however much is asked interactively. What is
 * left is the interactive lane's first. Safe for use by many threads.
 */
public final class InFlight {
    /** One part in so many is kept for either lane. */
    private static final int PARTS = 10;

    private final long maxJobs;
    private final long maxBytes;
    private final Map<JobSource, Load> loads = new ConcurrentHashMap<>();

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

    void begin(JobSource source, int bytes) {
        Load load = load(source);
        load.jobs.incrementAndGet();
        load.bytes.addAndGet(bytes);
    }

    /** A job is published, or nobody's any more. */
    public void end(JobSource source, int bytes) {
        Load load = load(source);
        load.jobs.decrementAndGet();
        load.bytes.addAndGet(-bytes);
    }

    public int count(String model) {
        return load(model, Lane.INTERACTIVE).jobs.get() + load(model, Lane.BULK).jobs.get();
    }

    int total() {
        return loads.values().stream().mapToInt(load -> load.jobs.get()).sum();
    }

    /** Whether jobs of this source have to wait until others are published. */
    boolean isFull(JobSource source) {
        Load urgent = load(source.model(), Lane.INTERACTIVE);
        Load bulk = load(source.model(), Lane.BULK);
        boolean isBulk = source.lane() == Lane.BULK;
        return isFull(isBulk, urgent.jobs.get(), bulk.jobs.get(), maxJobs)
                || isFull(isBulk, urgent.bytes.get(), bulk.bytes.get(), maxBytes);
    }

    private static boolean isFull(boolean isBulk, long urgent, long bulk, long most) {
        long kept = Math.max(1, most / PARTS);
        if (!isBulk) {
            return urgent >= Math.max(1, most - Math.max(bulk, kept));
        }
        return bulk >= kept && urgent + bulk >= most - kept;
    }

    private Load load(String model, Lane lane) {
        return load(new JobSource(model, lane));
    }

    private Load load(JobSource source) {
        return loads.computeIfAbsent(source, name -> new Load());
    }
}
