package dev.sluice.worker.consume;

import dev.sluice.contract.Priority;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the jobs of each model that are read and not yet published, and the bytes of their
 * records. A tenth of the room is reserved for each priority. So an interactive job always finds
 * room, however many bulk jobs are running, and bulk jobs go on, however many interactive jobs
 * arrive. Interactive jobs come first for the rest. Thread-safe.
 */
public final class InFlight {
    /** The share reserved for each priority is one part in this many. */
    private static final int PARTS = 10;

    private final long maxJobs;
    private final long maxBytes;
    private final Map<JobSource, Load> loads = new ConcurrentHashMap<>();

    private static final class Load {
        private final AtomicInteger jobs = new AtomicInteger();
        private final AtomicLong bytes = new AtomicLong();
    }

    /**
     * The partitions of a model are paused while the model has reached one of these limits.
     *
     * @param maxJobs most jobs of one model
     * @param maxBytes most bytes that their records hold together
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

    /** Ends a job: its outcome is published or dropped. */
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

    /** Whether jobs of this source must wait until others are published. */
    public boolean isFull(JobSource source) {
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
