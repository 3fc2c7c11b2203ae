package dev.sluice.bench.pipeline;

import dev.sluice.bench.page.PageTable;
import dev.sluice.bench.peer.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Benchmark B3: the CPU cost of a record, which bounds the throughput of one core. */
@Command(
        name = "throughput",
        description =
                "B3: what does a record cost when the model takes no time? Admission and worker on one"
                        + " core, with all guarantees on, and without the journal.")
public final class Throughput implements Callable<Integer> {
    /** Threads of Parallel Consumer; the others have one for each partition. */
    private static final int OPEN = 200;

    @Mixin private RunOptions options = new RunOptions();

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
            names = "--peers",
            split = ",",
            defaultValue = "PARALLEL_CONSUMER,SPRING,PLAIN_LOOP",
            description = "${COMPLETION-CANDIDATES}")
    private Peer[] peers = {};

    @Option(names = "--no-peers", description = "Sluice only.")
    private boolean alone;

    private final Map<String, List<RecordCost>> costs = new LinkedHashMap<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (int run = 0; run < options.runs(); run++) {
            for (boolean on : journal) {
                for (String share : traced) {
                    Bench.Setup setup =
                            Bench.Setup.USUAL
                                    .withJournal(on)
                                    .withInFlight(inFlight)
                                    .withTraced(share);
                    String traces = share.equals(SluiceRun.UNTRACED) ? "" : ", traced " + share;
                    try (Bench bench = Bench.ofSluice(setup, 0, false, contentBytes, users)) {
                        measure(
                                "Sluice" + (on ? "" : " with `worker.journal: false`") + traces,
                                bench);
                    }
                }
            }
            for (Peer peer : alone ? new Peer[0] : peers) {
                try (Bench bench = Bench.ofPeer(peer, contentBytes, OPEN, 1)) {
                    measure(peer.label() + ", " + peer.guarantee(), bench);
                }
            }
        }
        PageTable table = new PageTable("b3", RecordCost.columns(""));
        costs.forEach((name, measured) -> table.row(RecordCost.row(measured, name)));
        options.print(table);
        return 0;
    }

    private void measure(String name, Bench bench) throws IOException, InterruptedException {
        var _ = bench.load().run("warm-", warmUp, 0);
        bench.pin();
        Optional<Path> samples = options.samples(name + "-" + System.nanoTime());
        if (samples.isPresent()) {
            bench.sample();
        }
        RecordCost cost = RecordCost.of(bench, records);
        costs.computeIfAbsent(name, _ -> new ArrayList<>()).add(cost);
        System.out.printf(
                "B3 %-20s %d records of %d bytes: %s%n", name, records, contentBytes, cost);
        if (samples.isPresent()) {
            System.out.println("   of which " + bench.sampled(samples.get()));
        }
    }
}
