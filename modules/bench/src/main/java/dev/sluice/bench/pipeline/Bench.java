package dev.sluice.bench.pipeline;

import dev.sluice.bench.measure.Core;
import dev.sluice.bench.measure.CpuByPart;
import dev.sluice.bench.measure.StubServer;
import dev.sluice.bench.peer.Peer;
import dev.sluice.bench.peer.PeerRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The setup of a pipeline benchmark: broker, schema registry, model and Sluice, each in a process
 * of its own, and the load generator. The broker uses a garbage collector without long pauses, and
 * the load generator keeps almost no objects. They share a core, so their pauses would distort the
 * measurement.
 */
final class Bench implements AutoCloseable {
    static final int USERS = 1_000;

    private final Core.Running surroundings;
    private final Core.Running model;
    private final Load load;
    private final Starter starter;
    private final Installation installation;
    private List<Core.Running> measured;

    private Bench(
            int replyMillis,
            boolean stragglers,
            int contentBytes,
            Load.Until until,
            int users,
            Starter starter)
            throws IOException, InterruptedException {
        surroundings =
                Core.SERVER.start(
                        Surroundings.class, List.of("-Xms2g", "-Xmx2g", "-XX:+UseZGC"), List.of());
        model =
                Core.SERVER.start(
                        StubServer.class,
                        List.of(),
                        List.of(
                                String.valueOf(replyMillis),
                                String.valueOf(stragglers),
                                Installation.ANSWER));
        String address = "http://127.0.0.1:" + model.first() + "/v1";
        installation = Installation.at(surroundings.first(), address);
        load = new Load(installation, contentBytes, until, users);
        this.starter = starter;
        measured = starter.start(surroundings.first(), address);
        // The load generator shares the core of the other programs.
        Core.SERVER.pin(ProcessHandle.current().pid());
    }

    /** Starts the measured processes. */
    private interface Starter {
        List<Core.Running> start(String surroundings, String model) throws IOException;
    }

    /**
     * How Sluice runs.
     *
     * @param inFlight jobs in flight of each worker
     * @param traced share of the requests that are traced, or {@link SluiceRun#UNTRACED}
     * @param cores cores that it may use
     * @param processes the roles of each process, separated by commas
     */
    record Setup(boolean journal, int inFlight, String traced, int cores, List<String> processes) {
        /** One process on one core, with all guarantees, without traces. */
        static final Setup USUAL =
                new Setup(true, 1_000, SluiceRun.UNTRACED, 1, List.of("ADMISSION,WORKER"));

        Setup {
            processes = List.copyOf(processes);
        }

        Setup withJournal(boolean on) {
            return new Setup(on, inFlight, traced, cores, processes);
        }

        Setup withInFlight(int jobs) {
            return new Setup(journal, jobs, traced, cores, processes);
        }

        Setup withTraced(String share) {
            return new Setup(journal, inFlight, share, cores, processes);
        }

        Setup withCores(int number) {
            return new Setup(journal, inFlight, traced, number, processes);
        }

        Setup withProcesses(List<String> roles) {
            return new Setup(journal, inFlight, traced, cores, roles);
        }
    }

    /**
     * A setup with Sluice.
     *
     * @param replyMillis milliseconds of a call
     * @param stragglers whether one call of a hundred takes a hundred times as long
     */
    static Bench ofSluice(
            Setup setup, int replyMillis, boolean stragglers, int contentBytes, int users)
            throws IOException, InterruptedException {
        return new Bench(
                replyMillis,
                stragglers,
                contentBytes,
                Load.Until.RESULT,
                users,
                (surroundings, model) -> sluice(setup, surroundings, model));
    }

    /** A setup with admission only; no worker takes its jobs. */
    static Bench ofAdmission(int contentBytes, int users) throws IOException, InterruptedException {
        return new Bench(
                0,
                false,
                contentBytes,
                Load.Until.JOB,
                users,
                (surroundings, model) ->
                        sluice(
                                Setup.USUAL
                                        .withJournal(false)
                                        .withInFlight(1)
                                        .withProcesses(List.of("ADMISSION")),
                                surroundings,
                                model));
    }

    private static List<Core.Running> sluice(Setup setup, String surroundings, String model)
            throws IOException {
        List<Core.Running> processes = new ArrayList<>();
        for (String roles : setup.processes()) {
            processes.add(
                    Core.startUnpinned(
                            setup.cores(),
                            Math.max(1, Core.HEAP / setup.processes().size()),
                            SluiceRun.class,
                            List.of(
                                    "-Dorg.apache.avro.SERIALIZABLE_PACKAGES="
                                            + System.getProperty(
                                                    "org.apache.avro.SERIALIZABLE_PACKAGES", "")),
                            List.of(
                                    surroundings,
                                    model,
                                    String.valueOf(setup.journal()),
                                    String.valueOf(setup.inFlight()),
                                    roles,
                                    setup.traced(),
                                    "bench-" + processes.size())));
        }
        return processes;
    }

    /**
     * A setup with a program that one would write without Sluice.
     *
     * @param open calls that it may have in flight
     */
    static Bench ofPeer(Peer peer, int contentBytes, int open, int cores)
            throws IOException, InterruptedException {
        return new Bench(
                0,
                false,
                contentBytes,
                Load.Until.RESULT,
                USERS,
                (surroundings, model) ->
                        List.of(
                                Core.startUnpinned(
                                        cores,
                                        Core.HEAP,
                                        PeerRun.class,
                                        List.of(),
                                        List.of(
                                                peer.name(),
                                                surroundings,
                                                model,
                                                String.valueOf(open)))));
    }

    Load load() {
        return load;
    }

    /** Kills Sluice and starts it again without its state; returns the time until it is ready. */
    Duration restart() throws IOException {
        measured.forEach(Core.Running::close);
        long start = System.nanoTime();
        measured = starter.start(surroundings.first(), installation.model());
        return Duration.ofNanos(System.nanoTime() - start);
    }

    Installation installation() {
        return installation;
    }

    /** Pins what is measured to one core; until now its compiler could use another. */
    void pin() throws IOException, InterruptedException {
        for (Core.Running process : measured) {
            process.pin(Core.CLIENT);
        }
    }

    /** CPU time that the measured processes have used so far, in microseconds. */
    double cpuMicros() throws IOException {
        double sum = 0;
        for (Core.Running process : measured) {
            sum += process.cpuMicros();
        }
        return sum;
    }

    /** Bytes of the measured processes' heaps that are in use after a collection. */
    long liveHeap() throws IOException {
        long sum = 0;
        for (Core.Running process : measured) {
            sum += process.liveHeap();
        }
        return sum;
    }

    /** CPU time that broker and registry have used so far, in microseconds. */
    double surroundingsCpuMicros() {
        return surroundings.totalCpuMicros();
    }

    /** Begins CPU sampling of the first measured process. */
    void sample() throws IOException {
        measured.getFirst().sample();
    }

    /** Ends CPU sampling, keeps the samples in a file, and returns the CPU time by part. */
    CpuByPart sampled(Path file) throws IOException {
        return measured.getFirst().sampled(file);
    }

    @Override
    public void close() {
        measured.forEach(Core.Running::close);
        load.close();
        model.close();
        surroundings.close();
    }
}
