package dev.sluice.bench.pipeline;

import dev.sluice.bench.measure.Core;
import dev.sluice.bench.measure.CpuByPart;
import dev.sluice.bench.measure.StubServer;
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
     * A setup with Sluice.
     *
     * @param replyMillis milliseconds of a call
     * @param stragglers whether one call of a hundred takes a hundred times as long
     */
    static Bench ofSluice(
            int replyMillis,
            boolean stragglers,
            boolean journal,
            int inFlight,
            int contentBytes,
            int users)
            throws IOException, InterruptedException {
        return ofSluice(
                replyMillis,
                stragglers,
                journal,
                inFlight,
                contentBytes,
                users,
                SluiceRun.UNTRACED);
    }

    /**
     * The same with traces.
     *
     * @param traced share of the requests that are traced, or {@link SluiceRun#UNTRACED}
     */
    static Bench ofSluice(
            int replyMillis,
            boolean stragglers,
            boolean journal,
            int inFlight,
            int contentBytes,
            int users,
            String traced)
            throws IOException, InterruptedException {
        return new Bench(
                replyMillis,
                stragglers,
                contentBytes,
                Load.Until.RESULT,
                users,
                (surroundings, model) ->
                        sluice(surroundings, model, journal, inFlight, "ADMISSION,WORKER", traced));
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
                        sluice(surroundings, model, false, 1, "ADMISSION", SluiceRun.UNTRACED));
    }

    private static Core.Running sluice(
            String surroundings,
            String model,
            boolean journal,
            int inFlight,
            String roles,
            String traced)
            throws IOException {
        return Core.startUnpinned(
                SluiceRun.class,
                List.of(
                        "-Dorg.apache.avro.SERIALIZABLE_PACKAGES="
                                + System.getProperty("org.apache.avro.SERIALIZABLE_PACKAGES", "")),
                List.of(
                        surroundings,
                        model,
                        String.valueOf(journal),
                        String.valueOf(inFlight),
                        roles,
                        traced));
    }

    /** A setup with a program that one would write without Sluice. */
    static Bench ofPeer(PeerRun.Peer peer, int contentBytes)
            throws IOException, InterruptedException {
        return new Bench(
                0,
                false,
                contentBytes,
                Load.Until.RESULT,
                USERS,
                (surroundings, model) ->
                        Core.startUnpinned(
                                PeerRun.class,
                                List.of(),
                                List.of(peer.name(), surroundings, model)));
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
