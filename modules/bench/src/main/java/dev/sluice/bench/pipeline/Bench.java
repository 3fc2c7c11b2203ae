package dev.sluice.bench.pipeline;

import dev.sluice.bench.measure.Core;
import dev.sluice.bench.measure.CpuByPart;
import dev.sluice.bench.measure.StubServer;
import dev.sluice.bench.peer.Peer;
import dev.sluice.bench.peer.PeerRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
    private final Subject contender;
    private final Installation installation;
    private Core.Running sluice;

    private Bench(
            int replyMillis,
            boolean stragglers,
            int contentBytes,
            Load.Until until,
            int users,
            Subject contender)
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
        this.contender = contender;
        sluice = contender.start(surroundings.first(), address);
        // The load generator shares the core of the other programs.
        Core.SERVER.pin(ProcessHandle.current().pid());
    }

    /** Starts the measured process. */
    private interface Subject {
        Core.Running start(String surroundings, String model) throws IOException;
    }

    /**
     * How Sluice runs.
     *
     * @param inFlight jobs in flight
     * @param traced share of the requests that are traced, or {@link SluiceRun#UNTRACED}
     * @param cores cores that it may use
     */
    record Setup(boolean journal, int inFlight, String traced, int cores) {
        /** On one core, with all guarantees, without traces. */
        static final Setup USUAL = new Setup(true, 1_000, SluiceRun.UNTRACED, 1);

        Setup withJournal(boolean on) {
            return new Setup(on, inFlight, traced, cores);
        }

        Setup withInFlight(int jobs) {
            return new Setup(journal, jobs, traced, cores);
        }

        Setup withTraced(String share) {
            return new Setup(journal, inFlight, share, cores);
        }

        Setup withCores(int number) {
            return new Setup(journal, inFlight, traced, number);
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
                (surroundings, model) -> sluice(setup, surroundings, model, "ADMISSION,WORKER"));
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
                                Setup.USUAL.withJournal(false).withInFlight(1),
                                surroundings,
                                model,
                                "ADMISSION"));
    }

    private static Core.Running sluice(Setup setup, String surroundings, String model, String roles)
            throws IOException {
        return Core.startUnpinned(
                setup.cores(),
                SluiceRun.class,
                List.of(
                        "-Dorg.apache.avro.SERIALIZABLE_PACKAGES="
                                + System.getProperty("org.apache.avro.SERIALIZABLE_PACKAGES", "")),
                List.of(
                        surroundings,
                        model,
                        String.valueOf(setup.journal()),
                        String.valueOf(setup.inFlight()),
                        roles,
                        setup.traced()));
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
                        Core.startUnpinned(
                                cores,
                                PeerRun.class,
                                List.of(),
                                List.of(peer.name(), surroundings, model, String.valueOf(open))));
    }

    Load load() {
        return load;
    }

    /** Kills Sluice and starts it again without its state; returns the time until it is ready. */
    Duration restart() throws IOException {
        sluice.close();
        long start = System.nanoTime();
        sluice = contender.start(surroundings.first(), installation.model());
        return Duration.ofNanos(System.nanoTime() - start);
    }

    Installation installation() {
        return installation;
    }

    /** Pins Sluice to one core; until now its compiler could use another. */
    void pin() throws IOException, InterruptedException {
        sluice.pin(Core.CLIENT);
    }

    /** CPU time that Sluice has used so far, in microseconds. */
    double cpuMicros() throws IOException {
        return sluice.cpuMicros();
    }

    /** Bytes of Sluice's heap that are in use after a collection. */
    long liveHeap() throws IOException {
        return sluice.liveHeap();
    }

    /** CPU time that broker and registry have used so far, in microseconds. */
    double surroundingsCpuMicros() {
        return surroundings.totalCpuMicros();
    }

    /** Begins CPU sampling of Sluice. */
    void sample() throws IOException {
        sluice.sample();
    }

    /** Ends CPU sampling, keeps the samples in a file, and returns the CPU time by part. */
    CpuByPart sampled(Path file) throws IOException {
        return sluice.sampled(file);
    }

    @Override
    public void close() {
        sluice.close();
        load.close();
        model.close();
        surroundings.close();
    }
}
