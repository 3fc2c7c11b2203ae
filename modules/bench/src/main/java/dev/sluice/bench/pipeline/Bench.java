package dev.sluice.bench.pipeline;

import dev.sluice.bench.measure.Core;
import dev.sluice.bench.measure.CpuByPart;
import dev.sluice.bench.measure.StubServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Broker, registry, model and Sluice, each in a process, and the load on them. The brokers have a
 * collector that does not stop them and the load keeps next to nothing: on the core they share
 * their pauses would be most of what is measured.
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
        // The load goes where everything else is.
        Core.SERVER.pin(ProcessHandle.current().pid());
    }

    /** What is measured. */
    private interface Subject {
        Core.Running start(String surroundings, String model) throws IOException;
    }

    /**
     * Sluice.
     *
     * @param replyMillis how long a call takes
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
        return new Bench(
                replyMillis,
                stragglers,
                contentBytes,
                Load.Until.RESULT,
                users,
                (surroundings, model) ->
                        sluice(surroundings, model, journal, inFlight, "ADMISSION,WORKER"));
    }

    /** Admission alone: its jobs are left as they are. */
    static Bench ofAdmission(int contentBytes, int users) throws IOException, InterruptedException {
        return new Bench(
                0,
                false,
                contentBytes,
                Load.Until.JOB,
                users,
                (surroundings, model) -> sluice(surroundings, model, false, 1, "ADMISSION"));
    }

    private static Core.Running sluice(
            String surroundings, String model, boolean journal, int inFlight, String roles)
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
                        roles));
    }

    /** What one would write without it. */
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

    /** Kills it and starts it again without its state; how long until it can work. */
    Duration restart() throws IOException {
        sluice.close();
        long start = System.nanoTime();
        sluice = contender.start(surroundings.first(), installation.model());
        return Duration.ofNanos(System.nanoTime() - start);
    }

    Installation installation() {
        return installation;
    }

    /** Leaves Sluice one core; until now its compiler could use another. */
    void pin() throws IOException, InterruptedException {
        sluice.pin(Core.CLIENT);
    }

    /** CPU that Sluice has used so far, microseconds. */
    double cpuMicros() throws IOException {
        return sluice.cpuMicros();
    }

    /** CPU that brokers and registry have used so far, microseconds. */
    double surroundingsCpuMicros() {
        return surroundings.totalCpuMicros();
    }

    /** Begins to sample where it uses CPU. */
    void sample() throws IOException {
        sluice.sample();
    }

    /** Ends sampling, leaves what came of it in a file, and says where it used CPU. */
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
