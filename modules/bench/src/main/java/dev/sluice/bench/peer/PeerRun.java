package dev.sluice.bench.peer;

import dev.sluice.bench.measure.Contender;
import dev.sluice.bench.pipeline.Installation;
import java.util.concurrent.TimeUnit;

/** Runs a peer in a process of its own. */
public final class PeerRun {
    private PeerRun() {}

    /** Arguments: peer, the addresses of broker and registry, the model's address, open calls. */
    public static void main(String[] arguments) throws Exception {
        // A peer that has lost a thread would be measured as a slow one.
        Thread.setDefaultUncaughtExceptionHandler((_, failure) -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
        });
        Peer.valueOf(arguments[0])
                .start(Installation.at(arguments[1], arguments[2]), Integer.parseInt(arguments[3]));
        // Until its consumers have partitions.
        TimeUnit.SECONDS.sleep(2);
        Contender.serve();
    }
}
