package dev.sluice.bench.pipeline;

import dev.sluice.bench.page.PageTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Benchmark B11: what it costs to divide the work among several processes. */
@Command(
        name = "scale-out",
        description = {
            "B11: does a record cost more if several processes share the work?",
            "All processes share one core. So a rate that stays as it was means that each of them"
                    + " would add a core's worth if it had one of its own, as long as the broker"
                    + " can follow."
        })
public final class ScaleOut implements Callable<Integer> {
    @Mixin private RunOptions options = new RunOptions();

    @Option(
            names = "--processes",
            defaultValue = "1+1,1+2,1+4,2+2,2+4",
            split = ",",
            description = "Admissions and workers.")
    private String[] processes = {};

    @Option(names = "--records", defaultValue = "100000")
    private int records;

    @Option(
            names = "--warm-up",
            defaultValue = "100000",
            description = "Records for each process; its compiler needs them.")
    private int warmUp;

    @Option(names = "--content-bytes", defaultValue = "1024")
    private int contentBytes;

    @Option(
            names = "--in-flight",
            defaultValue = "1000",
            description = "Jobs in flight of all workers.")
    private int inFlight;

    private final Map<String, List<RecordCost>> costs = new LinkedHashMap<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (int run = 0; run < options.runs(); run++) {
            for (String shape : processes) {
                measure(shape);
            }
        }
        PageTable table = new PageTable("b11", RecordCost.columns("admissions + workers"));
        costs.forEach((shape, measured) ->
                table.row(RecordCost.row(measured, shape.replace("+", " + "))));
        options.print(table);
        return 0;
    }

    private void measure(String shape) throws IOException, InterruptedException {
        String[] numbers = shape.split("\\+", 2);
        int admissions = Integer.parseInt(numbers[0]);
        int workers = Integer.parseInt(numbers[1]);
        List<String> roles = new ArrayList<>(Collections.nCopies(admissions, "ADMISSION"));
        roles.addAll(Collections.nCopies(workers, "WORKER"));
        Bench.Setup setup = Bench.Setup.USUAL.withProcesses(roles).withInFlight(inFlight / workers);
        try (Bench bench = Bench.ofSluice(setup, 0, false, contentBytes, Bench.USERS)) {
            var _ = bench.load().run("warm-", warmUp * Math.max(admissions, workers), 0);
            bench.pin();
            RecordCost cost = RecordCost.of(bench, records);
            costs.computeIfAbsent(shape, _ -> new ArrayList<>()).add(cost);
            System.out.println("B11 " + shape + ": " + cost);
        }
    }
}
