package dev.sluice.bench.pipeline;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Benchmark B3: the CPU cost of a record, which bounds the throughput of one core. */
@Command(
        name = "throughput",
        description =
                "B3: what does a record cost when the model takes no time? Admission and worker on one"
                        + " core, with all guarantees on, and without the journal.")
public final class Throughput implements Callable<Integer> {
    @Option(names = "--records", defaultValue = "100000")
    private int records;

    @Option(
            names = "--warm-up",
            defaultValue = "200000",
            description = "Records; the compiler needs them.")
    private int warmUp;

    @Option(names = "--content-bytes", defaultValue = "1024")
    private int contentBytes;

    @Option(names = "--in-flight", defaultValue = "1000")
    private int inFlight;

    @Option(names = "--users", defaultValue = "" + Bench.USERS, description = "Number of users.")
    private int users;

    @Option(names = "--journal", arity = "1", defaultValue = "true,false", split = ",")
    private boolean[] journal = {};

    @Option(
            names = "--traced",
            defaultValue = SluiceRun.UNTRACED,
            split = ",",
            description = "Shares of the requests that are traced, from 0 to 1, or off.")
    private String[] traced = {};

    @Option(
            names = "--samples",
            description =
                    "Say where CPU is used, and leave Flight Recorder's samples in this folder.")
    private @Nullable Path samples;

    @Option(names = "--peers", split = ",")
    private PeerRun.Peer[] peers = PeerRun.Peer.values();

    @Option(names = "--no-peers", description = "Sluice only.")
    private boolean alone;

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (boolean on : journal) {
            for (String share : traced) {
                try (Bench bench =
                        Bench.ofSluice(0, false, on, inFlight, contentBytes, users, share)) {
                    String name = "sluice, journal " + (on ? "on" : "off");
                    String traces = share.equals(SluiceRun.UNTRACED) ? "" : ", traced " + share;
                    measure(name + traces, bench, records, warmUp);
                }
            }
        }
        for (PeerRun.Peer peer : alone ? new PeerRun.Peer[0] : peers) {
            try (Bench bench = Bench.ofPeer(peer, contentBytes)) {
                measure(peer.name(), bench, records, warmUp);
            }
        }
        return 0;
    }

    private void measure(String name, Bench bench, int count, int before)
            throws IOException, InterruptedException {
        var _ = bench.load().run("warm-", before, 0);
        bench.pin();
        if (samples != null) {
            bench.sample();
        }
        double cpu = bench.cpuMicros();
        double brokers = bench.surroundingsCpuMicros();
        Load.Times times = bench.load().run("r-", count, 0);
        System.out.printf(
                "B3 %-20s %d records of %d bytes: %5.0f records/s  %5.0f µs CPU a record,"
                        + " %4.0f the brokers'%n",
                name,
                count,
                contentBytes,
                count / (times.elapsed().toNanos() / 1e9),
                (bench.cpuMicros() - cpu) / count,
                (bench.surroundingsCpuMicros() - brokers) / count);
        if (samples != null) {
            Path file = samples.resolve(name.replaceAll("\\W+", "-") + ".jfr");
            System.out.println("   of which " + bench.sampled(file));
        }
    }
}
