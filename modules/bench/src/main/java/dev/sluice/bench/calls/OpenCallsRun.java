package dev.sluice.bench.calls;

import dev.sluice.bench.measure.Core;
import dev.sluice.bench.measure.Meter;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One client with a number of open calls, in a process of its own. */
public final class OpenCallsRun {
    private static final Duration REPLY = Duration.ofSeconds(1);

    private static final int WARM_UP_CALLERS = 64;

    private OpenCallsRun() {}

    /**
     * Arguments: client, address, number of open calls, and three times in seconds: to warm up,
     * until all calls are open, and to measure.
     */
    public static void main(String[] arguments) throws Exception {
        Client client = Client.valueOf(arguments[0]);
        Client.Callers callers = client.connect(URI.create(arguments[1]));
        int open = Integer.parseInt(arguments[2]);
        int warmUp = Integer.parseInt(arguments[3]);
        int opening = Integer.parseInt(arguments[4]);
        int seconds = Integer.parseInt(arguments[5]);

        warmUp(client.connect(URI.create(arguments[1] + "/0")), warmUp);
        // Until now, the compiler had a core of its own.
        Core.CLIENT.pin(ProcessHandle.current().pid());
        long emptyHeap = Meter.liveHeap();
        AtomicLong done = new AtomicLong();
        AtomicLong failed = new AtomicLong();
        long start = System.nanoTime();
        for (int i = 0; i < open; i++) {
            // Start the calls spread over the time of one call, so that they do not all end at
            // once.
            long first = start + REPLY.toNanos() * i / open;
            var _ = Thread.ofVirtual().start(() -> loop(callers, first, done, failed));
        }
        TimeUnit.SECONDS.sleep(opening);
        long before = done.get();
        Duration cpu = Meter.cpu();
        long from = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        long calls = done.get() - before;
        double elapsed = (System.nanoTime() - from) / 1e9;
        double micros = Meter.cpu().minus(cpu).toNanos() / 1e3;
        double ideal = open * elapsed / (REPLY.toNanos() / 1e9);
        double heap = (Meter.liveHeap() - emptyHeap) / 1024.0 / open;
        System.out.printf(
                "%5.1f %% of ideal  %5.1f µs CPU a call  %3.0f %% of the core  %5.1f KB heap an open"
                        + " call  %d failed%n",
                100 * calls / ideal,
                micros / Math.max(1, calls),
                micros / elapsed / 1e4,
                heap,
                failed.get());
        System.exit(0);
    }

    /**
     * Makes calls that are answered at once, so that the compiler has finished before the
     * measurement.
     */
    private static void warmUp(Client.Callers callers, int seconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < WARM_UP_CALLERS; i++) {
                var _ =
                        threads.submit(() -> {
                            Client.Caller caller = callers.caller();
                            while (System.nanoTime() < end) {
                                caller.call();
                            }
                            return end;
                        });
            }
        }
    }

    private static void loop(
            Client.Callers callers, long first, AtomicLong done, AtomicLong failed) {
        try {
            TimeUnit.NANOSECONDS.sleep(first - System.nanoTime());
            Client.Caller caller = callers.caller();
            while (true) {
                try {
                    caller.call();
                    done.incrementAndGet();
                } catch (Exception e) {
                    if (failed.getAndIncrement() == 0) {
                        System.err.println(e);
                    }
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            }
        } catch (Exception e) {
            if (failed.getAndIncrement() == 0) {
                System.err.println(e);
            }
        }
    }
}
