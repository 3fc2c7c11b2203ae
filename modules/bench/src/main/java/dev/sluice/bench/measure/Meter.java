package dev.sluice.bench.measure;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.time.Duration;

/** What this process uses. */
public final class Meter {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();

    private Meter() {}

    /** CPU of all its threads so far, the collector's included. */
    public static Duration cpu() {
        return Duration.ofNanos(SYSTEM.getProcessCpuTime());
    }

    /** Bytes of the heap that are in use after a collection. */
    public static long liveHeap() {
        System.gc();
        return MEMORY.getHeapMemoryUsage().getUsed();
    }
}
