package dev.sluice.worker.consume;

import dev.sluice.contract.Priority;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many jobs of each model are read and not yet published, and how large their records are. A
 * tenth of the room is kept for either priority: so somebody who waits for an answer always finds
 * some, however much bulk is under way, and bulk goes on however much is asked interactively. What
 * is left is the interactive priority's first. Safe for use by many threads.
 */
public final class InFlight {
    /** One part in so many is kept for either priority. */
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
        return load(model, Priority.INTERACTIVE).jobs.get() + load(model, Priority.BULK).jobs.get();
    }

    int total() {
        return loads.values().stream().mapToInt(load -> load.jobs.get()).sum();
    }

    /** Whether jobs of this source have to wait until others are published. */
    boolean isFull(JobSource source) {
        Load interactive = load(source.model(), Priority.INTERACTIVE);
        Load bulk = load(source.model(), Priority.BULK);
        boolean isBulk = source.isBulk();
        return isFull(isBulk, interactive.jobs.get(), bulk.jobs.get(), maxJobs)
                || isFull(isBulk, interactive.bytes.get(), bulk.bytes.get(), maxBytes);
    }

    private static boolean isFull(boolean isBulk, long interactive, long bulk, long most) {
        long kept = Math.max(1, most / PARTS);
        if (!isBulk) {
            return interactive >= Math.max(1, most - Math.max(bulk, kept));
        }
        return bulk >= kept && interactive + bulk >= most - kept;
    }

    private Load load(String model, Priority priority) {
        return load(new JobSource(model, priority));
    }

    private Load load(JobSource source) {
        return loads.computeIfAbsent(source, name -> new Load());
    }
}
